import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { DefinitionError, type DefinitionFault } from './definition-faults.js';
import { unpackedBytes } from './unpacked-bytes.js';

/** Characters of a record: what an unclosed quote may take in before it is noticed. */
export const maxRecord = 1024 * 1024;

/** What is read line by line, or record by record. */
export interface TextFile {
  /** The file to read, compressed with gzip or not, by its path or its bytes; or bytes that are unpacked already. */
  path: string | Uint8Array | AsyncIterable<Buffer>;
  /** How faults name it. */
  name: string;
}

/** Where a target comes from. */
export interface RecipientsFile extends TextFile {
  path: string | Uint8Array;
  /** The column that holds the address, or the member. */
  addressField: string;
  /** The field that a column, or a member, becomes; one that is not named is a field of its own name. */
  fieldOf?: ReadonlyMap<string, string>;
}

/** @throws DefinitionError for an archive that cannot be read */
export function bytesOf({ path, name }: TextFile): AsyncIterable<Buffer> {
  if (typeof path !== 'string' && !(path instanceof Uint8Array)) return path;
  return unpackedBytes(
    { name, field: 'recipients' },
    typeof path === 'string' ? createReadStream(path) : piecesOf(path),
  );
}

const pieceBytes = 64 * 1024;

// eslint-disable-next-line require-await -- as of a file
async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield Buffer.from(bytes.subarray(at, at + pieceBytes));
}

/**
 * The file as text in pieces that end with a line, so that no character is cut in two. Stops at the first line that is
 * not UTF-8, and at NUL, which no database column of text holds.
 */
export async function* readText(
  file: TextFile,
  sentences: { tooLong: string; notUtf8: string },
): AsyncGenerator<string, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  const check = (bytes: Buffer): string => {
    if (!isUtf8(bytes) || bytes.includes(0)) {
      const { before, sentence = sentences.notUtf8 } = firstBadLine(bytes);
      throw new DefinitionError([fault(file, line + before, sentence)]);
    }
    line += bytes.toString('latin1').split('\n').length - 1;
    return bytes.toString('utf8');
  };
  for await (const chunk of bytesOf(file)) {
    const end = chunk.lastIndexOf(10) + 1;
    if (end) yield check(Buffer.concat([rest, chunk.subarray(0, end)]));
    rest = end ? chunk.subarray(end) : Buffer.concat([rest, chunk]);
    if (rest.length > maxRecord) throw new DefinitionError([fault(file, line, sentences.tooLong)]);
  }
  if (rest.length) yield check(rest);
}

const nul = 'holds a NUL byte, which no text has; save the file as UTF-8 (a UTF-16 file does not do)';

/** @returns how many lines come before the first of bytes that is not all text; a sentence where it is UTF-8, with NUL */
function firstBadLine(bytes: Buffer): { before: number; sentence?: string } {
  let before = 0;
  let begin = 0;
  for (;;) {
    const end = bytes.indexOf(10, begin);
    const one = bytes.subarray(begin, end < 0 ? bytes.length : end);
    if (!isUtf8(one)) return { before };
    if (one.includes(0) || end < 0) return { before, sentence: nul };
    before += 1;
    begin = end + 1;
  }
}

/** A fault of a target, at a line from 1. */
export const fault = ({ name }: TextFile, line: number, sentence: string): DefinitionFault => ({
  file: name,
  line,
  field: 'recipients',
  sentence,
});
