const CR = 0x0d;
const EQUALS = 0x3d;
const hex = Buffer.from('0123456789ABCDEF');

/** 1 where RFC 2045 §6.7 lets a byte stand for itself (rules 2 and 3; white space at a line's end is seen to below). */
const literal = new Uint8Array(256).fill(1, 0x20, 0x7f);
literal[0x09] = 1;
literal[EQUALS] = 0;

const isBreak = (byte: number | undefined) => byte === undefined || byte === CR;
const isBlank = (byte: number) => byte === 0x20 || byte === 0x09;

/** A text part as it stands on the wire. */
export interface EncodedText {
  encoding: 'quoted-printable' | 'base64';
  /** 7-bit, lines of at most 76 characters ending in CRLF; the last line has no CRLF of its own unless the text has. */
  bytes: Buffer;
}

/**
 * Encodes a text body as UTF-8 in 7-bit lines: quoted-printable, or base64 where that is shorter. Line ends of any
 * kind become CRLF.
 */
export function encodeText(text: string): EncodedText {
  const source = Buffer.from(text.replace(/\r\n?|\n/g, '\r\n'), 'utf8');
  const escapes = countEscapes(source);
  // Escapes cost two bytes more, base64 a third of everything. For text in ASCII base64 looks like something to hide.
  const beyondAscii = source.length > text.length;
  if (beyondAscii && escapes * 6 > source.length) return { encoding: 'base64', bytes: encodeBase64(source) };
  return { encoding: 'quoted-printable', bytes: encodeQuotedPrintable(source, escapes) };
}

function countEscapes(source: Buffer): number {
  let escapes = 0;
  for (let i = 0; i < source.length; i += 1) {
    const byte = source[i] ?? 0;
    if (byte === CR) i += 1;
    else if (literal[byte] === 0 || (isBlank(byte) && isBreak(source[i + 1]))) escapes += 1;
  }
  return escapes;
}

/** @param source - CR stands only in CRLF, LF nowhere else */
function encodeQuotedPrintable(source: Buffer, escapes: number): Buffer {
  const length = source.length + 2 * escapes;
  // A line gets its soft break (three bytes) at column 73 at the earliest.
  const out = Buffer.allocUnsafe(length + 3 * Math.ceil(length / 73));
  let at = 0;
  let column = 0;
  for (let i = 0; i < source.length; i += 1) {
    const byte = source[i] ?? 0;
    if (byte === CR) {
      out[at++] = CR;
      out[at++] = 0x0a;
      column = 0;
      i += 1;
      continue;
    }
    const plain = literal[byte] === 1 && !(isBlank(byte) && isBreak(source[i + 1]));
    const width = plain ? 1 : 3;
    if (column + width > 75) {
      out[at++] = EQUALS;
      out[at++] = CR;
      out[at++] = 0x0a;
      column = 0;
    }
    column += width;
    if (plain) {
      out[at++] = byte;
    } else {
      out[at++] = EQUALS;
      out[at++] = hex[byte >> 4] ?? 0;
      out[at++] = hex[byte & 15] ?? 0;
    }
  }
  return out.subarray(0, at);
}

function encodeBase64(source: Buffer): Buffer {
  return Buffer.from(source.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n'), 'latin1');
}
