import * as fc from 'fast-check';
import { ReplyMalformedError, ReplyParser, type Reply } from '../../src/smtp/reply-parser.js';

/** What is read of bytes that arrive in these pieces, and whether it ended in nonsense. */
function read(chunks: readonly Buffer[]): (Reply | 'malformed')[] {
  const parser = new ReplyParser();
  const replies: (Reply | 'malformed')[] = [];
  try {
    for (const chunk of chunks) {
      parser.push(chunk);
      for (let reply = parser.next(); reply; reply = parser.next()) replies.push(reply);
    }
  } catch (error) {
    if (!(error instanceof ReplyMalformedError)) throw error;
    replies.push('malformed');
  }
  return replies;
}

const readText = (text: string) => read([Buffer.from(text)]);

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...ends].map((start, i) => bytes.subarray(start, ends[i]));
}

describe('ReplyParser', () => {
  test.each<[string, string, (Reply | 'malformed')[]]>([
    ['a line', '250 2.0.0 ok\r\n', [{ code: 250, text: '250 2.0.0 ok' }]],
    ['a code alone', '354\r\n', [{ code: 354, text: '354' }]],
    ['an empty text', '250 \r\n', [{ code: 250, text: '250 ' }]],
    ['several lines', '250-a\r\n250-\r\n250 b\r\n', [{ code: 250, text: '250-a\n250-\n250 b' }]],
    [
      'several replies',
      '250 a\r\n550 b\r\n',
      [
        { code: 250, text: '250 a' },
        { code: 550, text: '550 b' },
      ],
    ],
    ['a bare LF', '250 a\n', [{ code: 250, text: '250 a' }]],
    ['blank lines between replies', '\r\n250 a\r\n\r\n\r\n', [{ code: 250, text: '250 a' }]],
    ['UTF-8', '550 café\r\n', [{ code: 550, text: '550 café' }]],
    ['no end', '250 ok', []],
    ['no last line', '250-a\r\n250-b\r\n', []],
    ['another code in between', '250-a\r\n550 b\r\n', ['malformed']],
    ['a blank line within a reply', '250-a\r\n\r\n250 b\r\n', ['malformed']],
    ['words', 'hello\r\n', ['malformed']],
    ['what is behind a good reply', '250 a\r\nhello\r\n250 b\r\n', [{ code: 250, text: '250 a' }, 'malformed']],
    ['a code that SMTP has not', '150 wait\r\n', ['malformed']],
    ['a longer number', '2500 a\r\n', ['malformed']],
    ['a line that does not end', '2'.repeat(20_000), ['malformed']],
    ['a reply that does not end', '250-a\r\n'.repeat(4_000), ['malformed']],
    ['a line of 8,000', `250 ${'x'.repeat(8_000)}\r\n`, [{ code: 250, text: `250 ${'x'.repeat(8_000)}` }]],
  ])('%s', (_, text, expected) => {
    expect(readText(text)).toEqual(expected);
  });

  test('bytes that are no UTF-8 are Latin-1', () => {
    expect(read([Buffer.from('550 caf\u{e9}\r\n', 'latin1')])).toEqual([{ code: 550, text: '550 café' }]);
  });

  const line = fc.string({ unit: fc.constantFrom('a', ' ', '-', '2', '5', '0', 'é', '\r'), maxLength: 12 });
  const piece = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(fc.constantFrom('250 ', '250-', '354 ', '550 ', '550-', '250'), line).map(([a, b]) => a + b),
    },
    { weight: 1, arbitrary: line },
    { weight: 1, arbitrary: fc.constant('x'.repeat(9_000)) },
  );

  test('the same replies come out however the bytes are split', () => {
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat()), fc.boolean(), (lines, places, ended) => {
        const bytes = Buffer.from(lines.map((one) => `${one}\r\n`).join('') + (ended ? '' : '250 unfin'));
        expect(read(cut(bytes, places))).toEqual(read([bytes]));
      }),
    );
  });

  test('whatever a relay sends, byte by byte, is replies or nonsense', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (sent) => {
        const bytes = Buffer.from(sent);
        const replies = read(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)));
        expect(replies).toEqual(read([bytes]));
        for (const reply of replies) if (reply !== 'malformed') expect(reply.text).toMatch(/^[2-5]\d\d/);
      }),
    );
  });
});
