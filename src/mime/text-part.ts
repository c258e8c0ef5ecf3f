import type { TemplateText } from '../content/cut-template.js';
import { type BodyBuffers, ByteBuffer } from './byte-buffer.js';
import { compileQuotedPrintable } from './quoted-printable-template.js';
import { encodeLines } from './quoted-printable.js';

/** A text part of a revision: UTF-8, line ends of any kind become CRLF. */
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
 * Chooses the encoding by the template, once for the whole revision: quoted-printable, or base64 where that is shorter.
 */
export function compileTextPart({ source, strings }: TemplateText): TextPart {
  const bytes = Buffer.byteLength(source);
  // For text in ASCII base64 looks like something to hide.
  return bytes > source.length && encodeLines(source).length * 3 > bytes * 4
    ? { encoding: 'base64', encode: compileBase64(strings) }
    : { encoding: 'quoted-printable', encode: compileQuotedPrintable(strings) };
}

const withCrlf = (text: string) => text.replace(/\r\n?|\n/g, '\r\n');

function compileBase64(strings: readonly string[]): TextPart['encode'] {
  const segments = strings.map((text) => Buffer.from(withCrlf(text), 'utf8'));
  const text = new ByteBuffer();
  return (values, { wire, relaxed }) => {
    text.truncate(0);
    for (const [i, segment] of segments.entries()) {
      text.add(segment);
      text.addUtf8(withCrlf(values[i] ?? ''));
    }
    const lines = Buffer.from(inLines(text.view().toString('base64')), 'latin1');
    // It holds no white space: both forms are one.
    wire.add(lines);
    relaxed.add(lines);
  };
}

/** A regular expression takes six times as long. */
function inLines(base64: string): string {
  let lines = base64.slice(0, 76);
  for (let at = 76; at < base64.length; at += 76) lines += `\r\n${base64.slice(at, at + 76)}`;
  return lines;
}
