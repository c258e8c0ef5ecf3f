/** RFC 2045 §6.7 (5): 76 with the `=` of a soft line break. */
export const lineLength = 76;

/** What a text's characters are: Unicode's, encoded in UTF-8, or a byte each. */
export type Octets = 'utf8' | 'latin1';

/**
 * @returns the text in quoted-printable with its own line breaks only; blanks at its very end, and a dot at its beginning,
 *   stand as they are, for what they must be depends on what stands there
 */
export function encodeLines(text: string, octets: Octets): string {
  const escape = octets === 'utf8' ? escapeUtf8 : escapeBytes;
  return escape(text.replace(/\r\n?|\n/g, '\r\n'))
    .replace(/[ \t](?=\r\n)/g, encodeBlank)
    .replace(/\r\n\./g, '\r\n=2E');
}

/** Percent-encoding is quoted-printable with another sign, and native. */
function escapeUtf8(text: string): string {
  return text.replace(/[^\t\r\n -<>-~]+/g, (run) => encodeURIComponent(run.toWellFormed()).replaceAll('%', '='));
}

function escapeBytes(bytes: string): string {
  return bytes.replace(/[^\t\r\n -<>-~]/g, escapeByte);
}

/** @param byte - as a character */
export function escapeByte(byte: string): string {
  return `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

const encodeBlank = (blank: string): string => (blank === '\t' ? '=09' : '=20');

/** @param encoded - from {@link encodeLines} */
export function encodeEnd(encoded: string): string {
  return encoded.replace(/[ \t]$/, encodeBlank);
}

/** @param encoded - from {@link encodeLines} */
export function encodeBeginning(encoded: string): string {
  return encoded.replace(/^[ \t]/, encodeBlank).replace(/^\./, '=2E');
}

/**
 * Adds the soft line breaks.
 *
 * @param encoded - from {@link encodeLines}
 * @param column - in which the first line begins, from 0
 */
export function wrapLines(encoded: string, column: number): string {
  if (column + encoded.length < lineLength) return encoded;
  return encoded
    .split('\r\n')
    .map((line, i) => wrapLine(line, lineLength - 1 - (i === 0 ? column : 0)))
    .join('\r\n');
}

function wrapLine(line: string, firstRoom: number): string {
  let wrapped = '';
  let room = firstRoom;
  let at = 0;
  while (line.length - at > room) {
    let end = at + room;
    // RFC 2045 §6.7 (5): no escape is split over two lines.
    if (line[end - 1] === '=') end -= 1;
    else if (line[end - 2] === '=') end -= 2;
    wrapped += `${line.slice(at, end)}=\r\n`;
    at = end;
    room = lineLength - 1;
    if (line[at] === '.') {
      wrapped += '=2E';
      at += 1;
      room -= 3;
    }
  }
  return wrapped + line.slice(at);
}

/** @returns the form of RFC 6376 §3.4.4, of lines that do not end in white space */
export function relaxLines(wrapped: string): string {
  return wrapped.replace(/[ \t]+/g, ' ');
}
