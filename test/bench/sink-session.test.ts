import fc from 'fast-check';
import { SinkSession, type ReceivedMessage } from './sink-session.js';

function talk(chunks: readonly Buffer[]): { seen: ReceivedMessage[]; replies: string[]; quit: boolean } {
  const seen: ReceivedMessage[] = [];
  const session = new SinkSession((message) => seen.push(message));
  const answers = chunks.map((chunk) => session.feed(chunk));
  return {
    seen,
    replies: answers
      .map(({ replies }) => replies)
      .join('')
      .split('\r\n')
      .slice(0, -1),
    quit: answers.some(({ quit }) => quit),
  };
}

const message = (id: string, body: string) => `Subject: news\r\nMessage-ID: <${id}@shop.example>\r\n\r\n${body}`;
const transaction = (recipient: string, data: string) =>
  `MAIL FROM:<news@shop.example>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n${data}\r\n.\r\n`;

test('what it offers, and its answers to pipelined commands', () => {
  const { replies, quit } = talk([
    Buffer.from(`EHLO bench\r\n${transaction('a@shop.example', message('1', 'text'))}QUIT\r\n`),
  ]);
  expect(replies.map((line) => line.slice(0, 4))).toEqual([
    '250-',
    '250-',
    '250-',
    '250 ',
    '250 ',
    '250 ',
    '354 ',
    '250 ',
    '221 ',
  ]);
  expect(replies.join()).toMatch(/PIPELINING.*8BITMIME.*SMTPUTF8/);
  expect(quit).toBe(true);
});

test('the next envelope behind a body: replies in order, in one write', () => {
  const session = new SinkSession(() => undefined);
  const next = transaction('b@shop.example', message('2', 'text'));
  const cut = next.indexOf('DATA\r\n') + 'DATA\r\n'.length;
  session.feed(Buffer.from(`EHLO bench\r\n${transaction('a@shop.example', 'text').replace(/text[^]*$/, '')}`));
  expect(session.feed(Buffer.from(`${message('1', 'text')}\r\n.\r\n${next.slice(0, cut)}`))).toEqual({
    replies: '250 2.0.0 taken\r\n250 2.0.0 ok\r\n250 2.0.0 ok\r\n354 go on\r\n',
    quit: false,
  });
  expect(session.feed(Buffer.from(next.slice(cut)))).toEqual({ replies: '250 2.0.0 taken\r\n', quit: false });
});

const bodies = fc.array(fc.constantFrom('plain', '..stuffed', '', 'Message-ID: <in-the-body@shop.example>', 'ü', '.'), {
  maxLength: 5,
});

test('each message counts once with its own id, wherever the network cuts', () => {
  fc.assert(
    fc.property(
      fc.array(bodies, { maxLength: 5 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      (texts, sizes) => {
        // A lone dot is what ends a message: a client stuffs it (RFC 5321 §4.5.2).
        const data = texts.map((lines, i) =>
          message(String(i), lines.map((line) => line.replace(/^\.$/, '..')).join('\r\n')),
        );
        const wire = Buffer.from(data.map((text, i) => transaction(`p${i}@shop.example`, text)).join(''));
        const chunks: Buffer[] = [];
        for (let at = 0; at < wire.length;) {
          const size = sizes.next().value ?? 1;
          chunks.push(wire.subarray(at, at + size));
          at += size;
        }
        expect(talk(chunks).seen).toEqual(
          data.map((text, i) => ({
            messageId: `<${i}@shop.example>`,
            recipients: [`<p${i}@shop.example>`],
            signed: false,
            bytes: Buffer.byteLength(text) + 2,
          })),
        );
      },
    ),
  );
});

test.each([
  ['at the top', `DKIM-Signature: v=1;\r\n a=rsa-sha256\r\n${message('1', 'text')}`, true],
  ['among the headers', message('1', 'text').replace('\r\n', '\r\nDKIM-Signature: v=1\r\n'), true],
  ['in the body only', message('1', 'DKIM-Signature: v=1'), false],
])('a DKIM-Signature %s', (_, data, signed) => {
  expect(talk([Buffer.from(transaction('a@shop.example', data))]).seen).toMatchObject([{ signed }]);
});

test.each([
  ['folded', 'Message-ID:\r\n <long@shop.example>\r\n\r\ntext', '<long@shop.example>'],
  ['in other letters', 'message-id: <a@shop.example>\r\n\r\ntext', '<a@shop.example>'],
  ['missing', 'Subject: news\r\n\r\nMessage-ID: <body@shop.example>', undefined],
  ['of a message without a body', 'Message-ID: <a@shop.example>', '<a@shop.example>'],
])('a Message-ID that is %s', (_, data, messageId) => {
  expect(talk([Buffer.from(transaction('a@shop.example', data))]).seen).toMatchObject([{ messageId }]);
});

test('an empty message ends at its dot, and a reset forgets recipients', () => {
  const { seen } = talk([
    Buffer.from('RCPT TO:<a@shop.example>\r\nRSET\r\nRCPT TO:<b@shop.example>\r\nDATA\r\n.\r\nNOOP\r\n'),
  ]);
  expect(seen).toEqual([{ messageId: undefined, recipients: ['<b@shop.example>'], signed: false, bytes: 0 }]);
});
