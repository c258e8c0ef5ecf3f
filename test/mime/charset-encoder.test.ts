import { characterNames } from '../../src/delivery/charset.js';
import { charsetEncoder } from '../../src/mime/charset-encoder.js';
import { alphabetOf, decoderOf, type Forced, forcedCharsets, labelOf, multiByte } from './charset-decoder.js';

function encoderOf(charset: Forced) {
  const encoder = charsetEncoder(charset);
  if (!encoder) throw new Error(`no encoder for ${charset}`);
  return encoder;
}

const encode = (charset: Forced, text: string) => Buffer.from(encoderOf(charset).encode('text', text), 'latin1');

test('UTF-8 needs no encoder', () => {
  expect(charsetEncoder('utf-8')).toBeUndefined();
});

test.each(forcedCharsets)('%s has its characters, and no others', (charset) => {
  const encoder = encoderOf(charset);
  expect([encoder.label, encoder.multiByte]).toEqual([labelOf(charset), multiByte.includes(charset)]);
  const decode = decoderOf(charset);
  const alphabet = alphabetOf(charset);
  expect(alphabet.length).toBeGreaterThan(10);
  expect(encoder.unwritable(alphabet.join(''))).toEqual([]);
  let written = 0;
  for (let code = 0x80; code < 0x3100; code += 1) {
    const character = String.fromCharCode(code);
    if (encoder.unwritable(character).length > 0) continue;
    written += 1;
    expect(decode(encode(charset, character)).normalize('NFC')).toBe(oneOfTwins(charset, character).normalize('NFC'));
  }
  if (!multiByte.includes(charset)) {
    // Composed Vietnamese letters stand for two characters.
    if (charset === 'windows-1258') expect(written).toBeGreaterThan(alphabet.length + 100);
    else expect(written).toBe(alphabet.length);
  }
});

/** JIS has one code for both, and Node's decoder has an opinion. */
const twins: Record<string, string> = { '〜': '～', '−': '－', '—': '―', '‖': '∥', '¢': '￠', '£': '￡', '¬': '￢' };
const oneOfTwins = (charset: Forced, character: string) =>
  ['iso-2022-jp', 'shift_jis', 'euc-jp'].includes(charset) ? (twins[character] ?? character) : character;

const jisRows = Array.from({ length: 84 }, (_, i) => i + 1).filter((row) => row <= 8 || row >= 16);

test.each(['iso-2022-jp', 'shift_jis', 'euc-jp'] as const)('%s has all of JIS X 0208', (charset) => {
  const decode = decoderOf('euc-jp');
  const characters = jisRows.flatMap((row) =>
    Array.from({ length: 94 }, (_, cell) => decode(Buffer.of(0xa0 + row, 0xa1 + cell))),
  );
  const assigned = characters.filter((character) => !character.includes('\ufffd')).join('');
  expect(assigned).toHaveLength(6_879);
  expect(encoderOf(charset).unwritable(assigned)).toEqual([]);
  expect(decoderOf(charset)(encode(charset, assigned))).toBe(assigned);
});

test('euc-kr has all of KS X 1001, and gb18030 whatever Unicode has but what no text holds', () => {
  const korean = Array.from({ length: 94 * 94 }, (_, i) =>
    decoderOf('euc-kr')(Buffer.of(0xa1 + Math.floor(i / 94), 0xa1 + (i % 94))),
  ).filter((character) => !/[\ufffd\ue000-\uf8ff]/.test(character));
  expect(korean.length).toBeGreaterThan(8_200);
  expect(encoderOf('euc-kr').unwritable(korean.join(''))).toEqual([]);
  for (let code = 0xa0; code < 0x11_0000; code += 97) {
    const character = String.fromCodePoint(code);
    if (/[\p{Cs}\p{Co}\p{Cn}\ufffd]/u.test(character)) continue;
    expect(decoderOf('gb18030')(encode('gb18030', character))).toBe(character);
  }
});

test.each<[Forced, string, string]>([
  ['iso-8859-15', '€', 'a4'],
  ['windows-1252', '“€”', '938094'],
  // A letter and its mark, as macOS writes them, are the one letter.
  ['iso-8859-1', 'Zoe\u0308', '5a6feb'],
  ['shift_jis', 'が'.normalize('NFD'), '82aa'],
  ['windows-1258', 'Việt', '5669eaf274'],
  ['windows-1258', 'Việt'.normalize('NFD'), '5669eaf274'],
  ['shift_jis', '表\\', '955c5c'],
  ['shift_jis', '髙①〜—', 'fbfc87408160815c'],
  ['euc-jp', '〜～', 'a1c1a1c1'],
  ['gb18030', '☃𠀀', '8137a33095328236'],
  ['iso-2022-jp', 'Aあい\n', '411b2442242224241b28420a'],
  ['iso-2022-jp', 'あ\nい', '1b244224221b28420a1b244224241b2842'],
])('%s: %s is %s', (charset, text, hex) => {
  expect(encode(charset, text).toString('hex')).toBe(hex);
});

test.each<[Forced, string, string]>([
  ['iso-8859-1', 'to ☃', '"☃" (U+2603)'],
  // Of windows-1252, which is how programs read ISO-8859-1.
  ['iso-8859-1', '€’', '"’" (U+2019), "€" (U+20AC)'],
  ['iso-8859-1', '\x80\x92', 'U+0080, U+0092'],
  ['iso-8859-2', '\x85', 'U+0085'],
  ['iso-8859-15', '¤', '"¤" (U+00A4)'],
  ['windows-1252', '\x81\ufffd', 'U+0081, "\ufffd" (U+FFFD)'],
  ['windows-1250', '\ufffd', '"\ufffd" (U+FFFD)'],
  ['gb18030', 'a\ud800b', 'U+D800'],
  ['iso-8859-5', '\udc00', 'U+DC00'],
  // A yen sign is a backslash to others.
  ['shift_jis', '¥', '"¥" (U+00A5)'],
  ['euc-kr', '€뷁', '"€" (U+20AC), "뷁" (U+BDC1)'],
  // RFC 1468: no half-width katakana, no vendor's characters, no shifts of one's own.
  ['iso-2022-jp', 'ｱ①髙', '"①" (U+2460), "髙" (U+9AD9), "ｱ" (U+FF71)'],
  ['iso-2022-jp', '\x1b$B\x0e\x0f', 'U+000E, U+000F, U+001B'],
  ['iso-2022-jp', 'é', '"é" (U+00E9)'],
  // Named once, in one order, and not all of a text.
  ['iso-8859-1', '★☃★', '"☃" (U+2603), "★" (U+2605)'],
  ['iso-8859-1', 'gfedcba дгвба е', '"а" (U+0430), "б" (U+0431), "в" (U+0432), "г" (U+0433), "д" (U+0434) and others'],
  ['iso-8859-1', '\u200b\u3000', 'U+200B, U+3000'],
])('%s does not have %j', (charset, text, names) => {
  const unwritable = encoderOf(charset).unwritable(text);
  expect(characterNames(unwritable)).toBe(names);
  const [first] = unwritable.map((one) => characterNames([one]));
  expect(() => encode(charset, text)).toThrow(new RangeError(`text: ${first} cannot be written in ${charset}`));
});
