import * as fc from 'fast-check';
import { encodeMailbox, encodeUnstructured } from '../../src/mime/header-value.js';

/** RFC 2047 as a reader applies it: white space between encoded-words vanishes. */
function decode(value: string): string {
  return value
    .replace(/\r\n(?=[ \t])/g, '')
    .replace(/(\?=)\s+(?==\?)/g, '$1')
    .replace(/(?:=\?UTF-8\?[QB]\?[^?]*\?=)+/g, (words) =>
      words
        .split('?==?')
        .map((word) => /UTF-8\?([QB])\?([^?]*)/.exec(word))
        .map((match) => decodeWord(match?.[1] ?? '', match?.[2] ?? ''))
        .join(''),
    );
}

/** Each word on its own: a character split over two would not come back. */
function decodeWord(kind: string, text: string): string {
  if (kind === 'B') return Buffer.from(text, 'base64').toString('utf8');
  const bytes = text
    .replaceAll('_', ' ')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

const anyLine = fc
  .oneof(fc.string({ unit: 'binary', maxLength: 200, size: 'max' }), fc.string({ maxLength: 200, size: 'max' }))
  .map((text) => text.replace(/[\r\n\0]/g, '~'));

describe('encodeUnstructured', () => {
  test.each([
    ['Hello', 'Hello'],
    ['', ''],
    ['Grüße', '=?UTF-8?Q?Gr=C3=BC=C3=9Fe?='],
    ['日本', '=?UTF-8?B?5pel5pys?='],
    ['=?UTF-8?Q?x?=', '=?UTF-8?Q?=3D=3FUTF-8=3FQ=3Fx=3F=3D?='],
    ['two  spaces', '=?UTF-8?Q?two__spaces?='],
    [' edge', '=?UTF-8?Q?_edge?='],
    ['tab\there', '=?UTF-8?Q?tab=09here?='],
  ])('%j → %j', (text, value) => {
    expect(encodeUnstructured('Subject', text)).toBe(value);
  });

  test('any line comes back to the character, spaces included, in lines of at most 76', () => {
    fc.assert(
      fc.property(anyLine, (text) => {
        const value = encodeUnstructured('Subject', text);
        expect(decode(value)).toBe(text);
        for (const line of `Subject: ${value}`.split('\r\n')) expect(line).toMatch(/^[\x20-\x7e]{1,76}$/);
        expect(value).not.toMatch(/\r\n\s*(\r\n|$)/);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('encodeMailbox', () => {
  const address = 'news@shop.example';
  test.each([
    [undefined, 'news@shop.example'],
    ['', 'news@shop.example'],
    ['The Shop', 'The Shop <news@shop.example>'],
    ['Shop, Inc.', '"Shop, Inc." <news@shop.example>'],
    ['The "Shop" \\', '"The \\"Shop\\" \\\\" <news@shop.example>'],
    ['Bücher', '=?UTF-8?Q?B=C3=BCcher?= <news@shop.example>'],
    ['evil@shop.example> <x', '"evil@shop.example> <x" <news@shop.example>'],
  ])('%j → %j', (name, value) => {
    expect(encodeMailbox('From', { name, address })).toBe(value);
  });
});
