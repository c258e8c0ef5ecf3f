import { parseAddress } from '../delivery/address.js';
import type { CharsetEncoder } from './charset-encoder.js';
import { encodedWords } from './encoded-words.js';

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

/** RFC 5322 §2.1.1: more no line may have. For headers whose readers do not decode RFC 2047, such as long URLs or JSON. */
export const longestLine = 998;

/** Words with one space between them can be folded at each space and come back as they were. */
const plainText = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;
const atoms = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/**
 * Unstructured text (Subject) as the value of a header, folded.
 *
 * @param encoder - absent, what is not ASCII is in UTF-8
 * @param longest - line that a word in ASCII may make; what is longer becomes encoded-words, which can be folded
 * @throws HeaderInjectionError; RangeError for what the encoding does not have
 */
export function encodeUnstructured(
  header: string,
  text: string,
  encoder?: CharsetEncoder,
  longest = lineLength,
): string {
  refuseInjection(header, text);
  // Nearly every subject.
  if (text.length < lineLength - header.length - 1 && plainText.test(text) && !text.includes('=?')) return text;
  const words = text.split(' ');
  const fits = words.every((word, i) => word.length < longest - (i === 0 ? header.length + 1 : 0));
  if (text === '' || (plainText.test(text) && !text.includes('=?') && fits)) return fold(header, words);
  return fold(header, encodedWords(header, text, lineLength - header.length - 2, encoder));
}

/**
 * @returns the value of List-Id (RFC 2919 §3), folded
 * @throws HeaderInjectionError; RangeError for what the encoding does not have
 */
export function encodeListId(
  { id, name }: { id: string; name?: string | undefined },
  encoder?: CharsetEncoder,
): string {
  refuseInjection('List-Id', id);
  if (name === undefined || name === '') return `<${id}>`;
  refuseInjection('List-Id', name);
  return fold('List-Id', [...encodePhrase('List-Id', name, encoder), `<${id}>`]);
}

/** A person or a shop in From or Reply-To. */
export interface Mailbox {
  name?: string | undefined;
  address: string;
}

/**
 * @returns the value of an address header: display name (atoms, quoted string or RFC 2047) and address, folded
 * @throws HeaderInjectionError; RangeError when it is no address, or for what the encoding does not have
 */
export function encodeMailbox(header: string, { name, address }: Mailbox, encoder?: CharsetEncoder): string {
  const addrSpec = encodeAddress(header, address);
  if (name === undefined || name === '') return addrSpec;
  refuseInjection(header, name);
  return fold(header, [...encodePhrase(header, name, encoder), `<${addrSpec}>`]);
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

function encodePhrase(header: string, name: string, encoder: CharsetEncoder | undefined): string[] {
  const room = lineLength - header.length - 2;
  if (plainText.test(name) && !name.includes('=?') && name.length + 2 <= room) {
    if (atoms.test(name)) return name.split(' ');
    const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`;
    if (quoted.length <= room) return [quoted];
  }
  return encodedWords(header, name, room, encoder);
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
