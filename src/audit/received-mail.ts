import { createHash } from 'node:crypto';

/** A mail as it arrived: what the seal covers of it, read by code that shares nothing with what wrote it. */
export interface ReceivedMail {
  /** With its angle brackets. */
  messageId: string | undefined;
  /** In order, those that the seal never covers left out; each in relaxed form with its CRLF. */
  headers: { name: string; relaxed: string }[];
  /** DKIM's body hash in relaxed form, 32 bytes. */
  bodyHash: Buffer;
  /** `bh=` of its DKIM signatures, base64. */
  signedBodyHashes: string[];
}

/** The seal leaves out Date, signatures, and what servers on the way write. */
const neverSealed = new Set(['date', 'dkim-signature', 'received', 'return-path']);

/** @param bytes - of an `.eml` file; one whose lines end in LF alone was saved so by a program, and counts as CRLF */
export function readMail(bytes: Buffer): ReceivedMail {
  const text = bytes.toString('latin1').replaceAll('\r\n', '\n').replaceAll('\n', '\r\n');
  const end = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const body = end < 0 ? '' : text.slice(text.indexOf('\r\n', end) + (end === 0 ? 2 : 4));
  const fields = head
    .split(/\r\n(?![ \t])/)
    .filter((line) => line.includes(':'))
    .map(relaxedField);
  const valuesOf = (name: string) => fields.filter((field) => field.name === name).map(({ value }) => value);
  return {
    messageId: valuesOf('message-id')[0],
    headers: fields
      .filter(({ name }) => !neverSealed.has(name))
      .map(({ name, value }) => ({ name, relaxed: `${name}:${value}\r\n` })),
    bodyHash: createHash('sha256').update(relaxedBody(body), 'latin1').digest(),
    signedBodyHashes: valuesOf('dkim-signature').flatMap((value) => {
      const tag = /(?:^|;)\s*bh\s*=([^;]*)/.exec(value)?.[1];
      return tag === undefined ? [] : [tag.replaceAll(/\s/g, '')];
    }),
  };
}

/** RFC 6376 §3.4.2. */
function relaxedField(line: string): { name: string; value: string } {
  const colon = line.indexOf(':');
  const name = line
    .slice(0, colon)
    .replace(/[ \t]+$/, '')
    .toLowerCase();
  // Not `trim`: what it takes for white space may be a byte of a letter.
  const value = line
    .slice(colon + 1)
    .replaceAll('\r\n', '')
    .replaceAll(/[ \t]+/g, ' ')
    .replace(/^ /, '')
    .replace(/ $/, '');
  return { name, value };
}

/** RFC 6376 §3.4.4. */
function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replaceAll(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\r\n`).join('');
}
