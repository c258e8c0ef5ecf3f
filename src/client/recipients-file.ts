import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { DefinitionError, type DefinitionFault } from './definition-faults.js';

/** Characters of a record: what an unclosed quote may take in before it is noticed. */
export const maxRecord = 1024 * 1024;

/** Where a target comes from. */
export interface RecipientsFile {
  /** The file to read. */
  path: string;
  /** How faults name it. */
  name: string;
  /** The column that holds the address, or the member. */
  addressField: string;
}

/**
 * The file as text in pieces that end with a line, so that no character is cut in two. Stops at the first line that is
 * not UTF-8, and at NUL, which no database column of text holds.
 */
export async function* readText(
  file: RecipientsFile,
  sentences: { tooLong: string; notUtf8: string },
): AsyncGenerator<string, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  const check = (bytes: Buffer): string => {
    if (!isUtf8(bytes) || bytes.includes(0))
      throw new DefinitionError([fault(file, line + goodLines(bytes), sentences.notUtf8)]);
    line += bytes.toString('latin1').split('\n').length - 1;
    return bytes.toString('utf8');
  };
  for await (const chunk of createReadStream(file.path) as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(10) + 1;
    if (end) yield check(Buffer.concat([rest, chunk.subarray(0, end)]));
    rest = end ? chunk.subarray(end) : Buffer.concat([rest, chunk]);
    if (rest.length > maxRecord) throw new DefinitionError([fault(file, line, sentences.tooLong)]);
  }
  if (rest.length) yield check(rest);
}

/** @returns how many lines of bytes that are not all text are */
function goodLines(bytes: Buffer): number {
  let lines = 0;
  let begin = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
    const one = bytes.subarray(begin, end);
    if (!isUtf8(one) || one.includes(0)) break;
    lines += 1;
    begin = end + 1;
  }
  return lines;
}

/** A fault of a target, at a line from 1. */
export const fault = ({ name }: RecipientsFile, line: number, sentence: string): DefinitionFault => ({
  file: name,
  line,
  field: 'recipients',
  sentence,
});
