import type { Octets } from './quoted-printable.js';

const hexDigits = Buffer.from('0123456789ABCDEF');
const SPACE = 0x20;
const EQUALS = 0x3d;

/** What {@link encodeEven} has encoded last. It holds any sensible URL. */
export const evenValue = Buffer.allocUnsafeSlow(1_024);
/** One more character takes 12 bytes at most: four in UTF-8, each escaped. */
const limit = evenValue.length - 12;

/**
 * Encodes in quoted-printable what nearly every value is: one line, not long, without tabs, blanks at its edges or in
 * rows, or a dot at its beginning. Such a value can stand anywhere, and in the relaxed form of RFC 6376 §3.4.4 it is the
 * same. One loop over its characters is several times faster than regular expressions.
 *
 * @returns the number of bytes in {@link evenValue}, without soft line breaks; undefined for another value
 */
export function encodeEven(text: string, octets: Octets): number | undefined {
  const { length } = text;
  if (text.startsWith('.')) return undefined;
  let at = 0;
  let afterBlank = true;
  for (let i = 0; i < length; i += 1) {
    const code = text.codePointAt(i) ?? 0;
    if (code === SPACE) {
      if (afterBlank) return undefined;
      afterBlank = true;
      evenValue[at++] = code;
    } else if (code === 0x09 || code === 0x0a || code === 0x0d) {
      return undefined;
    } else {
      afterBlank = false;
      if (code > SPACE && code < 0x7f && code !== EQUALS) evenValue[at++] = code;
      else at = octets === 'utf8' ? escapeCodePoint(code, at) : escapeByte(code, at);
      if (code > 0xffff) i += 1;
    }
    if (at > limit) return undefined;
  }
  return afterBlank && length > 0 ? undefined : at;
}

/** Writes the escaped bytes of a character in UTF-8. @returns where they end */
function escapeCodePoint(code: number, start: number): number {
  if (code < 0x80) return escapeByte(code, start);
  let at = start;
  // A surrogate that is alone has no UTF-8 form.
  const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
  if (point < 0x800) {
    at = escapeByte(0xc0 | (point >> 6), at);
  } else {
    if (point < 0x1_0000) {
      at = escapeByte(0xe0 | (point >> 12), at);
    } else {
      at = escapeByte(0xf0 | (point >> 18), at);
      at = escapeByte(0x80 | ((point >> 12) & 0x3f), at);
    }
    at = escapeByte(0x80 | ((point >> 6) & 0x3f), at);
  }
  return escapeByte(0x80 | (point & 0x3f), at);
}

function escapeByte(byte: number, at: number): number {
  evenValue[at] = EQUALS;
  evenValue[at + 1] = hexDigits[byte >> 4] ?? 0;
  evenValue[at + 2] = hexDigits[byte & 15] ?? 0;
  return at + 3;
}
