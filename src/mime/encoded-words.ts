import type { CharsetEncoder } from './charset-encoder.js';
import { escapeByte } from './quoted-printable.js';

/** RFC 2047 §2: 75 with the delimiters. */
const encodedWordLength = 75;

/** RFC 2047 §5 (3): what may stand for itself in a phrase, the strictest place. */
const qLiteral = /^[A-Za-z0-9!*+/-]$/;
const qAscii = Array.from({ length: 0x80 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (character === ' ') return '_';
  return qLiteral.test(character) ? character : escapeByte(character);
});

function qEncode(character: string): string {
  return qAscii[character.charCodeAt(0)] ?? encodeURIComponent(character).replaceAll('%', '=');
}

/**
 * RFC 2047 encoded-words, none split inside a character: Q while it is legible, B where most is not ASCII.
 *
 * @param header - names the text in the error
 * @param firstRoom - characters left on the first line
 * @param encoder - absent, they are in UTF-8
 * @throws RangeError for what the encoding does not have
 */
export function encodedWords(header: string, text: string, firstRoom: number, encoder?: CharsetEncoder): string[] {
  return encoder ? wordsIn(encoder, header, text, firstRoom) : wordsInUtf8(text, firstRoom);
}

function wordsInUtf8(text: string, firstRoom: number): string[] {
  const characters = Array.from(text.toWellFormed());
  const useQ = isLegible(characters);
  const frame = '=?UTF-8?Q??='.length;
  const words: string[] = [];
  let word = '';
  let used = 0;
  const flush = () => {
    words.push(useQ ? `=?UTF-8?Q?${word}?=` : `=?UTF-8?B?${Buffer.from(word, 'utf8').toString('base64')}?=`);
    word = '';
    used = 0;
  };
  for (const character of characters) {
    const room = Math.min(encodedWordLength, words.length === 0 ? firstRoom : encodedWordLength) - frame;
    const part = useQ ? qEncode(character) : character;
    const width = useQ ? part.length : Buffer.byteLength(part);
    if (used > 0 && used + width > (useQ ? room : Math.floor(room / 4) * 3)) flush();
    word += part;
    used += width;
  }
  flush();
  return words;
}

/** A word at a time is encoded anew with each character: in ISO-2022-JP its length depends on what stands before. */
function wordsIn(encoder: CharsetEncoder, header: string, text: string, firstRoom: number): string[] {
  encoder.encode(header, text);
  const characters = encoder.charactersOf(text);
  const useQ = !encoder.multiByte && isLegible(characters);
  const wordOf = (piece: string): string => {
    const bytes = encoder.encode(header, piece);
    const payload = useQ ? qEncodeBytes(bytes) : Buffer.from(bytes, 'latin1').toString('base64');
    return `=?${encoder.label}?${useQ ? 'Q' : 'B'}?${payload}?=`;
  };
  const words: string[] = [];
  let piece = '';
  for (const character of characters) {
    const room = words.length === 0 ? Math.min(firstRoom, encodedWordLength) : encodedWordLength;
    if (piece !== '' && wordOf(piece + character).length > room) {
      words.push(wordOf(piece));
      piece = '';
    }
    piece += character;
  }
  words.push(wordOf(piece));
  return words;
}

const isLegible = (characters: readonly string[]): boolean =>
  characters.filter((character) => character > '\x7f').length * 2 < characters.length;

function qEncodeBytes(bytes: string): string {
  return Array.from(bytes, (byte) => qAscii[byte.charCodeAt(0)] ?? escapeByte(byte)).join('');
}
