const CR = 0x0d;
const LF = 0x0a;
const EQUALS = 0x3d;
const hex = Buffer.from('0123456789ABCDEF');

const LITERAL = 0;
const ESCAPE = 1;
const BLANK = 2;
const BREAK = 3;
/** What RFC 2045 §6.7 makes of each byte: rules 1 and 2, and 3 for white space, which counts at a line's end only. */
const kinds = new Uint8Array(256).fill(ESCAPE).fill(LITERAL, 0x21, 0x7f);
kinds[EQUALS] = ESCAPE;
kinds[0x20] = BLANK;
kinds[0x09] = BLANK;
kinds[CR] = BREAK;

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
  const lines = text.replace(/\r\n?|\n/g, '\r\n');
  const source = Buffer.from(lines, 'utf8');
  const escapes = countEscapes(source);
  // Escapes cost two bytes more, base64 a third of everything. For text in ASCII base64 looks like something to hide.
  const beyondAscii = source.length > lines.length;
  if (beyondAscii && escapes * 6 > source.length) return { encoding: 'base64', bytes: encodeBase64(source) };
  return { encoding: 'quoted-printable', bytes: encodeQuotedPrintable(source, escapes) };
}

const endsLine = (source: Buffer, at: number) => at === source.length || source[at] === CR;

function countEscapes(source: Buffer): number {
  let escapes = 0;
  for (let i = 0; i < source.length; i += 1) {
    const kind = kinds[source[i] ?? 0];
    if (kind === LITERAL) continue;
    if (kind === BREAK) i += 1;
    else if (kind === ESCAPE || endsLine(source, i + 1)) escapes += 1;
  }
  return escapes;
}

/** @param source - CR stands only in CRLF, LF nowhere else */
function encodeQuotedPrintable(source: Buffer, escapes: number): Buffer {
  const length = source.length + 2 * escapes;
  // A line gets its soft break (three bytes) after 73 bytes at the earliest.
  const out = Buffer.allocUnsafe(length + 3 * Math.ceil(length / 73));
  let at = 0;
  let room = 75;
  for (let i = 0; i < source.length; i += 1) {
    const byte = source[i] ?? 0;
    const kind = kinds[byte];
    if (kind === LITERAL && room > 0) {
      out[at++] = byte;
      room -= 1;
      continue;
    }
    if (kind === BREAK) {
      out[at++] = CR;
      out[at++] = LF;
      room = 75;
      i += 1;
      continue;
    }
    const plain = kind === LITERAL || (kind === BLANK && !endsLine(source, i + 1));
    if (room < (plain ? 1 : 3)) {
      out[at++] = EQUALS;
      out[at++] = CR;
      out[at++] = LF;
      room = 75;
    }
    room -= plain ? 1 : 3;
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
