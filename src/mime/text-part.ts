import { joinText, type TemplateText } from '../content/cut-template.js';
import type { BodyBuffers } from './byte-buffer.js';
import { compileQuotedPrintable, encodeLines } from './quoted-printable.js';

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
export function compileTextPart(template: TemplateText): TextPart {
  const { source } = template;
  const bytes = Buffer.byteLength(source);
  // For text in ASCII base64 looks like something to hide.
  return bytes > source.length && encodeLines(source).length * 3 > bytes * 4
    ? { encoding: 'base64', encode: (values, out) => encodeBase64(joinText(template, values), out) }
    : { encoding: 'quoted-printable', encode: compileQuotedPrintable(template.strings) };
}

function encodeBase64(text: string, { wire, relaxed }: BodyBuffers): void {
  const bytes = Buffer.from(text.replace(/\r\n?|\n/g, '\r\n'), 'utf8');
  const lines = Buffer.from(bytes.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n'), 'latin1');
  // It holds no white space: both forms are one.
  wire.add(lines);
  relaxed.add(lines);
}
