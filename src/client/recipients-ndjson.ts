import type { Profile } from '../delivery/definition.js';
import { DefinitionError } from './definition-faults.js';
import { RecipientRefused } from './field-value.js';
import { fault, readText, type RecipientsFile } from './recipients-file.js';
import { recipientReader } from './recipient-object.js';

/** Lines whose members tell which fields there are; another line may have others. */
const linesForNames = 1_000;

const sentences = {
  tooLong: 'a line is longer than 1024 KB; write one recipient on each line',
  notUtf8: 'is not UTF-8; save the file as UTF-8',
};

/**
 * Reads a target from a file with a JSON object on each line; memory does not grow with the file. Empty lines count for
 * nothing, and a row's number is that of its line.
 *
 * @throws DefinitionError at the first fault, naming file and line; no sentence holds a recipient's values
 */
export async function* readNdjson(file: RecipientsFile): AsyncGenerator<Profile, void, undefined> {
  const read = recipientReader(file.addressField, file.fieldOf);
  let line = 0;
  let found = false;
  for await (const piece of readText(file, sentences)) {
    // A piece ends with a line break, or with the file.
    for (const text of piece.replace(/\n$/, '').split('\n')) {
      line += 1;
      // A byte order mark is white space too.
      const json = text.trim();
      if (!json) continue;
      found = true;
      yield profileOf(file, read, json, line);
    }
  }
  if (!found) throw new DefinitionError([fault(file, 1, 'the file is empty; each line is a recipient as JSON')]);
}

/**
 * @returns the fields of the first recipients, without the address
 * @throws DefinitionError as {@link readNdjson} does
 */
export async function readNdjsonFieldNames(file: RecipientsFile): Promise<string[]> {
  const names = new Set<string>();
  let count = 0;
  for await (const { fields } of readNdjson(file)) {
    for (const name of Object.keys(fields)) names.add(name);
    count += 1;
    if (count === linesForNames) break;
  }
  return [...names];
}

function profileOf(file: RecipientsFile, read: ReturnType<typeof recipientReader>, json: string, line: number) {
  try {
    return read(parsed(json), line);
  } catch (error) {
    if (!(error instanceof RecipientRefused)) throw error;
    const sentence = error.place ? `the field "${error.place}" ${error.message}` : error.message;
    throw new DefinitionError([fault(file, line, sentence)]);
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The engine's own message quotes what stands there.
    throw new RecipientRefused('', 'is not JSON; each line is an object such as {"email": "ada@shop.example"}');
  }
}
