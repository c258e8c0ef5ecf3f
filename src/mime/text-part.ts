import type { TemplateText } from '../content/cut-template.js';
import { type BodyBuffers, ByteBuffer } from './byte-buffer.js';
import type { CharsetEncoder } from './charset-encoder.js';
import { compileQuotedPrintable } from './quoted-printable-template.js';
import { encodeLines, type Octets } from './quoted-printable.js';

/** A text part of a revision; line ends of any kind become CRLF. */
export interface TextPart {
  encoding: 'quoted-printable' | 'base64';
  /**
   * Adds the text in 7-bit lines of at most 76 characters; the last one has no CRLF of its own unless the text has.
   *
   * @param values - of one message, for the places between the template's strings
   */
  encode(values: readonly string[], out: BodyBuffers): void;
}

/**
 * Chooses the transfer encoding by the template, once for the whole revision: quoted-printable, or base64 where that is
 * shorter or characters have more than one byte.
 *
 * @param encoder - absent, the part is in UTF-8
 * @param name - names the part in errors of the encoder
 * @throws RangeError for what the encoding does not have, here or when it is filled
 */
export function compileTextPart({ source, strings }: TemplateText, encoder?: CharsetEncoder, name = 'text'): TextPart {
  if (!encoder) return isLegible(source, 'utf8') ? quotedPrintable(strings, 'utf8') : base64(utf8Joiner(strings));
  const write = (text: string): string => encoder.encode(name, text);
  const bytes = strings.map(write);
  const useQ = !encoder.multiByte && isLegible(bytes.join(''), 'latin1');
  const part = useQ ? quotedPrintable(bytes, 'latin1') : base64(bytesJoiner(bytes, encoder));
  return { encoding: part.encoding, encode: (values, out) => part.encode(values.map(write), out) };
}

/**
 * @returns what counts the octets of a part, filled with values, before its transfer encoding
 * @throws RangeError for what the encoding does not have, here or when it is filled
 */
export function compileOctets(
  { strings }: TemplateText,
  encoder: CharsetEncoder,
): (values: readonly string[]) => number {
  const write = (text: string): string => encoder.encode('text', text);
  const joined = bytesJoiner(strings.map(write), encoder);
  return (values) => joined(values.map(write)).length;
}

function isLegible(text: string, octets: Octets): boolean {
  // For text in ASCII base64 looks like something to hide.
  if (Buffer.byteLength(text) === text.length) return true;
  return encodeLines(text, octets).length * 3 <= Buffer.byteLength(text, octets) * 4;
}

function quotedPrintable(strings: readonly string[], octets: Octets): TextPart {
  return { encoding: 'quoted-printable', encode: compileQuotedPrintable(strings, octets) };
}

function base64(joined: (values: readonly string[]) => Buffer): TextPart {
  return {
    encoding: 'base64',
    encode(values, { wire, relaxed }) {
      const lines = Buffer.from(inLines(joined(values).toString('base64')), 'latin1');
      // It holds no white space: both forms are one.
      wire.add(lines);
      relaxed.add(lines);
    },
  };
}

const withCrlf = (text: string) => text.replace(/\r\n?|\n/g, '\r\n');

function utf8Joiner(strings: readonly string[]): (values: readonly string[]) => Buffer {
  const segments = strings.map((text) => Buffer.from(withCrlf(text), 'utf8'));
  const text = new ByteBuffer();
  return (values) => {
    text.truncate(0);
    for (const [i, segment] of segments.entries()) {
      text.add(segment);
      text.addUtf8(withCrlf(values[i] ?? ''));
    }
    return text.view();
  };
}

function bytesJoiner(strings: readonly string[], encoder: CharsetEncoder): (values: readonly string[]) => Buffer {
  const segments = strings.map(withCrlf);
  return (values) =>
    Buffer.from(encoder.join(segments.flatMap((segment, i) => [segment, withCrlf(values[i] ?? '')])), 'latin1');
}

/** Breaks base64 into lines of 76 characters; a regular expression takes six times as long. */
export function inLines(base64: string): string {
  let lines = base64.slice(0, 76);
  for (let at = 76; at < base64.length; at += 76) lines += `\r\n${base64.slice(at, at + 76)}`;
  return lines;
}
