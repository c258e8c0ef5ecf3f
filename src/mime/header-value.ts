import { parseAddress } from '../delivery/address.js';

/** A header's value held CR, LF or NUL: somebody tried to write headers of their own, or a file is damaged. */
export class HeaderInjectionError extends Error {
  override readonly name = 'HeaderInjectionError';
  constructor(readonly header: string) {
    super(`${header} must not contain line breaks or NUL`);
  }
}

/** @throws HeaderInjectionError */
export function refuseInjection(header: string, value: string): void {
  if (/[\r\n\0]/.test(value)) throw new HeaderInjectionError(header);
}

/** RFC 5322 §2.1.1 recommends 78 characters, RFC 2047 §2 demands 76 of a line with encoded-words. */
const lineLength = 76;
/** RFC 2047 §2: 75 with the delimiters. */
const encodedWordLength = 75;

/** Words with one space between them can be folded at each space and come back as they were. */
const plainText = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;
const atoms = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/**
 * Unstructured text (Subject) as the value of a header, folded.
 *
 * @throws HeaderInjectionError
 */
export function encodeUnstructured(header: string, text: string): string {
  refuseInjection(header, text);
  // Nearly every subject.
  if (text.length < lineLength - header.length - 1 && plainText.test(text) && !text.includes('=?')) return text;
  const words = text.split(' ');
  const fits = words.every((word, i) => word.length < lineLength - (i === 0 ? header.length + 1 : 0));
  if (text === '' || (plainText.test(text) && !text.includes('=?') && fits)) return fold(header, words);
  return fold(header, encodedWords(text, lineLength - header.length - 2));
}

/**
 * @returns the value of List-Id (RFC 2919 §3), folded
 * @throws HeaderInjectionError
 */
export function encodeListId({ id, name }: { id: string; name?: string | undefined }): string {
  refuseInjection('List-Id', id);
  if (name === undefined || name === '') return `<${id}>`;
  refuseInjection('List-Id', name);
  return fold('List-Id', [...encodePhrase('List-Id', name), `<${id}>`]);
}

/** A person or a shop in From or Reply-To. */
export interface Mailbox {
  name?: string | undefined;
  address: string;
}

/**
 * @returns the value of an address header: display name (atoms, quoted string or RFC 2047) and address, folded
 * @throws HeaderInjectionError, or RangeError when it is no address
 */
export function encodeMailbox(header: string, { name, address }: Mailbox): string {
  const addrSpec = encodeAddress(header, address);
  if (name === undefined || name === '') return addrSpec;
  refuseInjection(header, name);
  return fold(header, [...encodePhrase(header, name), `<${addrSpec}>`]);
}

/**
 * @returns the address with its domain as an A-label; a local part that is not ASCII stands as raw UTF-8 (RFC 6532)
 * @throws HeaderInjectionError, or RangeError when it is no address
 */
export function encodeAddress(header: string, address: string): string {
  refuseInjection(header, address);
  const parsed = parseAddress(address);
  if (!parsed) throw new RangeError(`${header} is not an address that mail can bear, such as news@shop.example`);
  return parsed.address;
}

function encodePhrase(header: string, name: string): string[] {
  const room = lineLength - header.length - 2;
  if (plainText.test(name) && !name.includes('=?') && name.length + 2 <= room) {
    if (atoms.test(name)) return name.split(' ');
    const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`;
    if (quoted.length <= room) return [quoted];
  }
  return encodedWords(name, room);
}

/** Joins words by a space, or by a folded line where the line would grow too long. */
export function fold(header: string, words: readonly string[]): string {
  let column = header.length + 2;
  let value = '';
  for (const [i, word] of words.entries()) {
    if (i > 0) {
      const breaks = column + 1 + word.length > lineLength;
      value += breaks ? '\r\n ' : ' ';
      column = breaks ? 1 : column + 1;
    }
    value += word;
    column += word.length;
  }
  return value;
}

/** RFC 2047 §5 (3): what may stand for itself in a phrase, the strictest place. */
const qLiteral = /^[A-Za-z0-9!*+/-]$/;
const qAscii = Array.from({ length: 0x80 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (character === ' ') return '_';
  return qLiteral.test(character) ? character : `=${code.toString(16).toUpperCase().padStart(2, '0')}`;
});

function qEncode(character: string): string {
  return qAscii[character.charCodeAt(0)] ?? encodeURIComponent(character).replaceAll('%', '=');
}

/**
 * RFC 2047 encoded-words in UTF-8, none split inside a character: Q while it is legible, B where most is not ASCII.
 *
 * @param firstRoom - characters left on the first line
 */
function encodedWords(text: string, firstRoom: number): string[] {
  const characters = Array.from(text.toWellFormed());
  const useQ = characters.filter((character) => character > '\x7f').length * 2 < characters.length;
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
