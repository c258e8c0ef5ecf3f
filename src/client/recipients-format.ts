import type { Profile } from '../delivery/definition.js';
import { readFieldNames, readRecipients } from './recipients-csv.js';
import { bytesOf, type RecipientsFile } from './recipients-file.js';
import { readNdjson, readNdjsonFieldNames } from './recipients-ndjson.js';

/** How recipients are read from a file of one format. */
export interface RecipientsFormat {
  read: (file: RecipientsFile) => AsyncGenerator<Profile, void, undefined>;
  fieldNames: (file: RecipientsFile) => Promise<string[]>;
}

const ndjson: RecipientsFormat = { read: readNdjson, fieldNames: readNdjsonFieldNames };
const csv: RecipientsFormat = { read: readRecipients, fieldNames: readFieldNames };

const byName: readonly [RegExp, RecipientsFormat][] = [
  [/\.(ndjson|jsonl)(\.gz)?$/i, ndjson],
  [/\.(csv|tsv)(\.gz)?$/i, csv],
];

/**
 * @returns the format that the file's name tells; where it tells none, NDJSON for what begins as an object does
 * @throws DefinitionError for an archive that cannot be read
 */
export async function recipientsFormat(file: RecipientsFile): Promise<RecipientsFormat> {
  const named = byName.find(([ending]) => ending.test(file.name));
  if (named) return named[1];
  for await (const chunk of bytesOf(file)) {
    // A byte order mark is white space too.
    const begin = chunk.toString('utf8').trimStart();
    if (begin) return begin.startsWith('{') ? ndjson : csv;
  }
  return csv;
}
