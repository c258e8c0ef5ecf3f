import * as fc from 'fast-check';
import PostalMime from 'postal-mime';
import { compileMessage } from '../../src/mime/compose-message.js';
import { HeaderInjectionError } from '../../src/mime/header-value.js';
import { composeMessage, type OneMessage } from './one-message.js';

const input: OneMessage = {
  from: { name: 'The Shop', address: 'news@shop.example' },
  to: 'reader@mail.example',
  subject: 'Hello',
  text: 'Hello\n',
  html: '<p>Hello</p>\n',
  messageId: '<0123456789abcdef0123456789abcdef@shop.example>',
  boundary: '=_0123456789abcdef0123456789abcdef',
  date: new Date('2026-11-02T09:00:00Z'),
};

const parse = (bytes: Buffer) => new PostalMime().parse(bytes);

/** Texts of one line, from every script, with a taste for what breaks header encoders. */
const line = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 120, size: 'max' }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 200, size: 'max' }),
    fc
      .array(
        fc.constantFrom(
          'news',
          'Grüße',
          '=?UTF-8?Q?x?=',
          '"',
          '\\',
          ',',
          '<a@b.example>',
          '(c)',
          '🎉',
          '日本',
          'a'.repeat(90),
        ),
        { maxLength: 20 },
      )
      .map((words) => words.join(' ')),
  )
  // Parsers trim headers and fold runs of space; the encoder keeps them, which its own test shows.
  .map((text) => text.trim().replace(/\s+/g, ' '));

/** Bodies: any text, and lines of the kinds that encoders get wrong. */
const body = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 2_000, size: 'max' }),
  fc
    .array(
      fc.constantFrom(
        '',
        '.',
        '..',
        'From here',
        'trailing space ',
        'tab\t',
        '=3D',
        '--=_0123456789abcdef0123456789abcdef--',
        'ü'.repeat(40),
        'x'.repeat(75),
        'x'.repeat(76),
        'x'.repeat(77),
        ' ',
        '日本語'.repeat(30),
      ),
      { maxLength: 30 },
    )
    .chain((lines) => fc.constantFrom('\n', '\r\n', '\r').map((end) => lines.join(end))),
);

const normal = (text: string | undefined) => (text ?? '').replace(/\r\n?|\n/g, '\n').replace(/\n+$/, '');

const messages = fc
  .record({ name: line, replyName: line, subject: line, text: body, html: fc.option(body, { nil: undefined }) })
  .map(({ name, replyName, subject, text, html }): OneMessage => ({
    ...input,
    from: { ...input.from, name },
    replyTo: { name: replyName, address: 'answers@shop.example' },
    subject,
    text,
    html,
  }));

describe('composeMessage', () => {
  test('what goes in comes out of an independent parser', async () => {
    await fc.assert(
      fc.asyncProperty(messages, async (message) => {
        const parsed = await parse(composeMessage(message).bytes);
        expect(parsed.subject ?? '').toBe(message.subject);
        expect(parsed.from).toEqual({ name: message.from.name, address: 'news@shop.example' });
        expect(parsed.replyTo).toEqual([{ name: message.replyTo?.name, address: 'answers@shop.example' }]);
        expect(parsed.to).toEqual([{ name: '', address: 'reader@mail.example' }]);
        expect(parsed.messageId).toBe(message.messageId);
        expect(normal(parsed.text)).toBe(normal(message.text));
        expect(normal(parsed.html)).toBe(normal(message.html));
      }),
      { numRuns: 300 },
    );
  });

  test('every byte is 7-bit, and every line is short, ends in CRLF, begins with no dot and ends in nothing blank', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const { bytes } = composeMessage(message);
        const lines = bytes.toString('latin1').split('\r\n');
        expect(lines.pop()).toBe('');
        for (const line of lines) {
          expect(line).toMatch(/^[\t\x20-\x7e]*$/);
          expect(line.length).toBeLessThanOrEqual(78);
        }
        for (const line of lines) expect(line).not.toMatch(/^\./);
        for (const line of lines.slice(lines.indexOf(''))) expect(line).not.toMatch(/[ \t]$/);
      }),
    );
  });

  test('the same input gives the same bytes, from a compiled frame too', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const { bytes } = composeMessage(message);
        expect(composeMessage(structuredClone(message)).bytes).toEqual(bytes);
        const compose = compileMessage({
          ...message,
          html: message.html === undefined ? undefined : { source: message.html, strings: [message.html] },
          text: { source: message.text, strings: ['', ''] },
        });
        const fill = { ...message, html: [], text: [message.text] };
        const first = compose(fill).bytes;
        compose({ ...fill, subject: 'another', text: ['before '.repeat(100)], date: new Date(0) });
        expect(compose(fill).bytes).toEqual(first);
      }),
    );
  });

  test('headers are those of the bytes', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const { headers, bodyOffset, bytes } = composeMessage(message);
        const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
        expect(bytes.toString('utf8', 0, bodyOffset)).toBe(`${head}\r\n`);
      }),
    );
  });

  test('has the headers that a message needs, in a fixed order', () => {
    const { headers } = composeMessage({
      ...input,
      replyTo: { address: 'answers@shop.example' },
      unsubscribeUrl: 'https://shop.example/u/1?a=<b>',
      unsubscribeMailto: 'leave+1@shop.example',
    });
    expect(headers).toEqual([
      ['From', 'The Shop <news@shop.example>'],
      ['Reply-To', 'answers@shop.example'],
      ['To', 'reader@mail.example'],
      ['Subject', 'Hello'],
      ['Date', 'Mon, 02 Nov 2026 09:00:00 +0000'],
      ['Message-ID', '<0123456789abcdef0123456789abcdef@shop.example>'],
      ['List-Unsubscribe', '<https://shop.example/u/1?a=%3Cb%3E>,\r\n <mailto:leave%2B1@shop.example>'],
      ['MIME-Version', '1.0'],
      ['Content-Type', 'multipart/alternative;\r\n boundary="=_0123456789abcdef0123456789abcdef"'],
    ]);
  });

  test('without HTML it is text/plain', async () => {
    const { headers, bytes, bodyOffset } = composeMessage({ ...input, html: undefined });
    expect(headers.slice(-2)).toEqual([
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Content-Transfer-Encoding', 'quoted-printable'],
    ]);
    expect(bytes.toString('utf8', bodyOffset)).toBe('Hello\r\n');
  });

  test('text stands before HTML, so that the richer one wins (RFC 2046 §5.1.4)', () => {
    const text = composeMessage(input).bytes.toString();
    expect(text.indexOf('text/plain')).toBeLessThan(text.indexOf('text/html'));
  });

  test('international domains stand as A-labels, and only a recipient may have a local part beyond ASCII', async () => {
    const message = composeMessage({
      ...input,
      from: { address: 'news@bücher.example' },
      to: 'grüße@bücher.example',
    });
    expect(message.headers.slice(0, 2)).toEqual([
      ['From', 'news@xn--bcher-kva.example'],
      ['To', 'grüße@xn--bcher-kva.example'],
    ]);
    expect((await parse(message.bytes)).to?.[0]?.address).toContain('grüße@');
    expect(() => composeMessage({ ...input, from: { address: 'grüße@shop.example' } })).toThrow(
      'From: the part before @',
    );
  });

  test('a long address or URL makes a long line, but none over 998', () => {
    const { bytes } = composeMessage({
      ...input,
      to: `${'a'.repeat(64)}@${'b.'.repeat(91)}example`,
      unsubscribeUrl: `https://shop.example/${'u'.repeat(956)}`,
    });
    expect(
      Math.max(
        ...bytes
          .toString()
          .split('\r\n')
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(998);
    const longer = `https://shop.example/${'ü'.repeat(330)}`;
    expect(() => composeMessage({ ...input, unsubscribeUrl: longer })).toThrow('longer than the 977 characters');
  });
});

describe('composeMessage refuses', () => {
  const evil = fc
    .tuple(fc.string(), fc.constantFrom('\r\nBcc: all@mail.example', '\n', '\r', '\0'), fc.string())
    .map((parts) => parts.join(''));

  test.each<[string, (text: string) => Partial<OneMessage>]>([
    ['From', (text) => ({ from: { name: text, address: 'news@shop.example' } })],
    ['From', (text) => ({ from: { address: `news${text}@shop.example` } })],
    ['Reply-To', (text) => ({ replyTo: { name: text, address: 'news@shop.example' } })],
    ['To', (text) => ({ to: `reader@mail.example${text}` })],
    ['Subject', (text) => ({ subject: text })],
    ['List-Unsubscribe', (text) => ({ unsubscribeUrl: `https://shop.example/${text}` })],
    ['List-Unsubscribe', (text) => ({ unsubscribeMailto: `leave@shop.example${text}` })],
  ])('line breaks and NUL in %s', (header, change) => {
    fc.assert(
      fc.property(evil, (text) => {
        try {
          composeMessage({ ...input, ...change(text) });
        } catch (error) {
          expect(error).toBeInstanceOf(HeaderInjectionError);
          expect(error).toMatchObject({ header, message: `${header} must not contain line breaks or NUL` });
          return;
        }
        throw new Error('it was composed');
      }),
    );
  });

  test.each<[string, Partial<OneMessage>, string]>([
    ['a boundary that content could forge', { boundary: 'frontier' }, 'boundary'],
    ['a boundary with a line break', { boundary: `=_${'a'.repeat(20)}\r\n` }, 'boundary'],
    ['no address', { to: 'reader' }, 'To is not an address'],
    ['no date', { date: new Date(Number.NaN) }, 'Date'],
    ['a Message-ID without brackets', { messageId: 'a@shop.example' }, 'Message-ID'],
    ['a Message-ID with a line break', { messageId: '<a\r\nBcc: @shop.example>' }, 'Message-ID'],
    ['a script as link', { unsubscribeUrl: 'javascript:alert(1)' }, 'must begin with https://'],
    ['a relative link', { unsubscribeUrl: '/u/1' }, 'must be absolute'],
  ])('%s', (_, change, sentence) => {
    expect(() => composeMessage({ ...input, ...change })).toThrow(sentence);
  });
});
