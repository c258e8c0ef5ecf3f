import { createRequire } from 'node:module';
import type EncodingJapanese from 'encoding-japanese';
import type IconvLite from 'iconv-lite';
import { type Charset, characterNames } from '../delivery/charset.js';

/** Writes text in a character encoding other than UTF-8. */
export interface CharsetEncoder {
  /** The encoding's MIME name. */
  readonly label: string;
  /** Characters beyond ASCII have more than one byte. */
  readonly multiByte: boolean;
  /** The text's characters as they are encoded, between which it can be cut. */
  charactersOf(text: string): string[];
  /** @returns characters of the text that the encoding does not have, each once, always in one order */
  unwritable(text: string): string[];
  /**
   * @param part - names the text in the error
   * @returns a character for each byte; both ends are in ASCII
   * @throws RangeError that names the characters which the encoding does not have
   */
  encode(part: string, text: string): string;
  /** @param texts - that are encoded */
  join(texts: readonly string[]): string;
}

/** RFC 1556: with the plain name Hebrew would be in visual order, and text is in logical order. */
const labels: Partial<Record<Charset, string>> = { 'iso-8859-8': 'iso-8859-8-i' };

const multiByte: readonly Charset[] = ['iso-2022-jp', 'shift_jis', 'euc-jp', 'gb18030', 'euc-kr'];

const encoders = new Map<Charset, CharsetEncoder>();

/** @returns undefined for UTF-8, which needs none */
export function charsetEncoder(charset: Charset): CharsetEncoder | undefined {
  if (charset === 'utf-8') return undefined;
  const encoder = encoders.get(charset) ?? makeEncoder(charset);
  encoders.set(charset, encoder);
  return encoder;
}

function makeEncoder(charset: Exclude<Charset, 'utf-8'>): CharsetEncoder {
  const find = compileCodes(charset);
  const codes = new Map<string, string | undefined>();
  const codeOf = (character: string): string | undefined => {
    if (!codes.has(character)) codes.set(character, find(character));
    return codes.get(character);
  };
  // Two escape sequences with nothing between them are an error to readers' programs.
  const join = (texts: readonly string[]): string =>
    charset === 'iso-2022-jp' ? texts.join('').replaceAll(toAscii + toJis, '') : texts.join('');
  const bytesOf = (text: string): string | undefined => {
    if (plain.test(text)) return text;
    const found: string[] = [];
    for (const character of text) {
      const code = codeOf(character);
      if (code === undefined) return undefined;
      found.push(code);
    }
    return join(found);
  };
  const spelt = (text: string): string => (bytesOf(text) === undefined ? composed(text) : text);
  const unwritable = (text: string): string[] =>
    [...new Set(spelt(text))].filter((character) => codeOf(character) === undefined).sort();
  return {
    label: labels[charset] ?? charset,
    multiByte: multiByte.includes(charset),
    charactersOf: (text) => Array.from(spelt(text)),
    unwritable,
    encode(part, text) {
      const bytes = bytesOf(text) ?? bytesOf(composed(text));
      if (bytes !== undefined) return bytes;
      // One of them: the text may be somebody's name, and who has the same fault is told together.
      throw new RangeError(`${part}: ${characterNames(unwritable(text).slice(0, 1))} cannot be written in ${charset}`);
    },
    join,
  };
}

/** What macOS writes as a letter and its marks has one code in most encodings. Unicode takes both for the same text. */
function composed(text: string): string {
  return text.replace(/\P{M}\p{M}+/gu, (letter) => letter.normalize('NFC'));
}

const toJis = '\x1b$B';
const toAscii = '\x1b(B';

/** Nearly every value: one byte each in all of the encodings. */
// eslint-disable-next-line no-control-regex -- ASCII without the shifts
const plain = /^[\0-\x0d\x10-\x1a\x1c-\x7f]*$/;

/** Shifts, which would change how the rest of an ISO-2022-JP text is read. */
const shifts = ['\x0e', '\x0f', '\x1b'];

/**
 * C1 controls are no text, and readers' programs take ISO 8859's for characters of Windows; U+FFFD says of itself that a
 * character was lost.
 */
// eslint-disable-next-line no-control-regex -- that is what it finds
const notText = /^[\x80-\x9f\ufffd]$/;

/** @returns what gives a character's bytes; nothing where readers' programs would not read the same character again */
function compileCodes(charset: Exclude<Charset, 'utf-8'>): (character: string) => string | undefined {
  const write = writerOf(charset);
  const read = readerOf(charset);
  const twins = jisCharsets.includes(charset) ? jisTwins : {};
  const codeOf = (character: string): string | undefined => {
    if (character <= '\x7f') return charset === 'iso-2022-jp' && shifts.includes(character) ? undefined : character;
    if (notText.test(character)) return undefined;
    const written = twins[character] ?? character;
    const bytes = write(written);
    const code = bytes.toString('latin1');
    return read(bytes) === written && (charset !== 'iso-2022-jp' || inJis.test(code)) ? code : undefined;
  };
  return charset === 'windows-1258' ? (character) => codeOf(character) ?? toneApart(character, codeOf) : codeOf;
}

/** Vietnamese vowels stand in windows-1258 without their tones, which follow: U+1EC7 is U+00EA U+0323. */
function toneApart(character: string, codeOf: (character: string) => string | undefined): string | undefined {
  const letters = character.normalize('NFD');
  const tone = /[\u0300\u0301\u0303\u0309\u0323]/.exec(letters)?.[0];
  if (tone === undefined) return undefined;
  const vowel = letters.replace(tone, '').normalize('NFC');
  // Other letters have two marks, and in an order of their own.
  if (vowel.length !== 1 || (vowel + tone).normalize('NFC') !== letters.normalize('NFC')) return undefined;
  const [code, mark] = [codeOf(vowel), codeOf(tone)];
  return code !== undefined && mark !== undefined ? code + mark : undefined;
}

/** RFC 1468 has JIS X 0208, rows 1–8 and 16–84: no half-width katakana, and none of the vendors' characters. */
// eslint-disable-next-line no-control-regex -- escape sequences
const inJis = /^\x1b\$B[\x21-\x28\x30-\x74][\x21-\x7e]\x1b\(B$/;

const jisCharsets: readonly Charset[] = ['iso-2022-jp', 'shift_jis', 'euc-jp'];

/** JIS X 0208 has one code for each of these pairs; to some programs it is the one, to others the other. */
const jisTwins: Readonly<Record<string, string>> = {
  '\u301c': '\uff5e',
  '\u2212': '\uff0d',
  '\u2014': '\u2015',
  '\u2016': '\u2225',
  '\u00a2': '\uffe0',
  '\u00a3': '\uffe1',
  '\u00ac': '\uffe2',
};

// Their tables take longer to load than a command needs to begin, and nearly every delivery is in UTF-8.
const load = createRequire(import.meta.url);

function writerOf(charset: Charset): (character: string) => Buffer {
  if (charset === 'iso-2022-jp' || charset === 'euc-jp') {
    const japanese = load('encoding-japanese') as typeof EncodingJapanese;
    const to = charset === 'euc-jp' ? 'EUCJP' : 'JIS';
    return (character) =>
      Buffer.from(japanese.convert(japanese.stringToCode(character), { to, from: 'UNICODE', type: 'array' }));
  }
  const iconv = load('iconv-lite') as typeof IconvLite;
  return (character) => iconv.encode(character, charset);
}

/** Node has no decoder of the one, and some versions take the other for ISO-8859-1. */
const notInNode = ['iso-8859-16', 'windows-1252'];

function readerOf(charset: string): (bytes: Buffer) => string {
  if (notInNode.includes(charset)) {
    const iconv = load('iconv-lite') as typeof IconvLite;
    return (bytes) => iconv.decode(bytes, charset);
  }
  const decoder = new TextDecoder(charset);
  return (bytes) => decoder.decode(bytes);
}
