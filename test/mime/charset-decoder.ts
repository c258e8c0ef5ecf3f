import { charsets, type Charset } from '../../src/delivery/charset.js';

export type Forced = Exclude<Charset, 'utf-8'>;
export const forcedCharsets = charsets.filter((charset): charset is Forced => charset !== 'utf-8');

/** What headers call it; RFC 1556 for Hebrew in logical order. */
export const labelOf = (charset: Forced) => (charset === 'iso-8859-8' ? 'iso-8859-8-i' : charset);

export const multiByte: readonly string[] = ['iso-2022-jp', 'shift_jis', 'euc-jp', 'gb18030', 'euc-kr'];

/** 0xa0–0xff as the ISO/IEC 8859-16 standard has them: Node has no decoder. */
const latin10 =
  '\u00a0ĄąŁ€„Š§š©Ș«Ź\u00adźŻ°±ČłŽ”¶·žčș»ŒœŸżÀÁÂĂÄĆÆÇÈÉÊËÌÍÎÏĐŃÒÓÔŐÖŚŰÙÚÛÜĘȚßàáâăäćæçèéêëìíîïđńòóôőöśűùúûüęțÿ';
/** 0x80–0x9f: Node has taken windows-1252 for ISO-8859-1 (nodejs/node#56542). */
const windows = '€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ';

/** Reads bytes as readers' programs do, without a piece of code that wrote them. */
export function decoderOf(charset: Forced): (bytes: Buffer) => string {
  if (charset === 'iso-8859-16') return byTable(0xa0, latin10);
  if (charset === 'windows-1252') return byTable(0x80, windows);
  const decoder = new TextDecoder(labelOf(charset));
  return (bytes) => decoder.decode(bytes);
}

function byTable(first: number, table: string): (bytes: Buffer) => string {
  return (bytes) => Array.from(bytes, (byte) => table[byte - first] ?? String.fromCharCode(byte)).join('');
}

/** Characters of the encodings of more than one byte, which have too many for a table: words of their languages. */
const words: Partial<Record<Forced, string>> = {
  'iso-2022-jp': 'こんにちは、ギフトーＡ１！日本語訳表能申構十ソ予貼畢黙熙～－―∥￠',
  shift_jis: 'こんにちは、ギフトー表能申構十ソ予貼ｱｲｳﾞ髙﨑①㈱～－―∥￠',
  'euc-jp': 'こんにちは、ギフトー表能申構十ソ予貼ｱｲｳﾞ髙①～－―∥￠丂侂',
  gb18030: '你好，世界丂㐀𠀀☃🎉éßжΩ한あ€’\u00a0',
  'euc-kr': '안녕하세요가힝漢字ㄱㅎ①½ぁЖ￦',
};

// eslint-disable-next-line no-control-regex -- C1 controls are no text
const isText = (character: string) => !/[\x80-\x9f\ufffd]/.test(character);

/** Characters beyond ASCII that an encoding has, told by a decoder alone. */
export function alphabetOf(charset: Forced): string[] {
  const decode = decoderOf(charset);
  const known = words[charset];
  if (known !== undefined) return Array.from(known);
  // Of windows-1253 Node's decoder has more than Windows has.
  return Array.from({ length: 0x80 }, (_, i) => decode(Buffer.of(0x80 + i))).filter(
    (character) => !(charset === 'windows-1253' && character === 'ª') && isText(character),
  );
}
