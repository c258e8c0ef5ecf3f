import { pipeline, Readable } from 'node:stream';
import { CsvError, type CsvErrorCode, type Info, parse } from 'csv-parse';
import type { Profile } from '../delivery/definition.js';
import { DefinitionError } from './definition-faults.js';
import { checkFieldNames } from './recipient-fields.js';
import { fault, maxRecord, readText, type RecipientsFile } from './recipients-file.js';

const maxCell = 64 * 1024;

/**
 * Reads a target record by record; memory does not grow with the file. UTF-8, cells separated by comma,
 * semicolon or tab as the header has it, which comes first.
 *
 * @throws DefinitionError at the first fault, naming file and line; no sentence holds a recipient's values
 */
export async function* readRecipients(csv: RecipientsFile): AsyncGenerator<Profile, void, undefined> {
  let header: string[] | undefined;
  for await (const record of readRecords(csv)) {
    const { cells, line } = record;
    if (!header) {
      header = cells.map((cell) => cell.trim());
      const sentences = checkFieldNames(header, csv.addressField);
      if (sentences.length) throw new DefinitionError(sentences.map((sentence) => fault(csv, line, sentence)));
    } else yield profileOf(csv, header, record);
  }
  if (!header) throw new DefinitionError([fault(csv, 1, 'the file is empty; its first row names the columns')]);
}

/**
 * @returns the fields that the target's rows can have, without the address
 * @throws DefinitionError as {@link readRecipients} does
 */
export async function readFieldNames(csv: RecipientsFile): Promise<string[]> {
  for await (const { cells } of readRecords(csv)) {
    return cells.map((cell) => cell.trim()).filter((name) => name !== csv.addressField);
  }
  return [];
}

function profileOf(csv: RecipientsFile, header: string[], { cells, line, row, delimiter }: CsvRecord): Profile {
  if (cells.length !== header.length) {
    const count = `${cells.length} cell${cells.length === 1 ? '' : 's'}`;
    const advice = `by the header, a ${delimiters[delimiter]} separates cells, and one within a cell wants quotes`;
    const sentence = `has ${count} where the header has ${header.length}; ${advice}`;
    throw new DefinitionError([fault(csv, line, sentence)]);
  }
  const profile: Profile = { row, address: '', fields: {} };
  for (const [column, name] of header.entries()) {
    const cell = cells[column] ?? '';
    // 64 KB as characters first: most cells need no count of bytes.
    if (cell.length > maxCell / 3 && Buffer.byteLength(cell) > maxCell) {
      throw new DefinitionError([fault(csv, line, `the cell of "${name}" is longer than ${maxCell / 1024} KB`)]);
    }
    const trimmed = cell.trim();
    if (name === csv.addressField) profile.address = trimmed;
    else if (trimmed) profile.fields[name] = cell;
  }
  return profile;
}

interface CsvRecord {
  cells: string[];
  /** The line of the file that the record begins on. */
  line: number;
  /** The row as a spreadsheet numbers it, empty ones counted. */
  row: number;
  delimiter: Delimiter;
}

async function* readRecords(csv: RecipientsFile): AsyncGenerator<CsvRecord, void, undefined> {
  const chunks = readText(csv, textSentences);
  const first = await chunks.next();
  if (first.done) return;
  const delimiter = delimiterOf(first.value);
  let lineBefore = 0;
  const parser = parse({
    bom: true,
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxRecord,
    info: true,
    // Called in step with the parser, which reads ahead of us: it tells where the record that breaks it begins.
    on_record: (cells, { lines }) => {
      lineBefore = lines;
      return cells;
    },
  });
  // The callback only keeps the error from being thrown elsewhere: iterating the parser throws it here.
  const source = pipeline(Readable.from(startingWith(first.value, chunks)), parser, () => undefined);
  try {
    for await (const { record, info } of source as AsyncIterable<{ record: string[]; info: Info }>) {
      yield {
        cells: record,
        line: info.lines - breaksIn(record),
        row: info.records + info.empty_lines,
        delimiter,
      };
    }
  } catch (error) {
    throw error instanceof CsvError ? new DefinitionError([csvFault(csv, error, lineBefore + 1)]) : error;
  }
}

const breaksIn = (cells: string[]) =>
  cells.reduce((sum, cell) => sum + (/[\r\n]/.test(cell) ? cell.split(/\r\n|\r|\n/).length - 1 : 0), 0);

/** A small piece at first: who wants the first rows alone does not wait for a chunk to be parsed. */
async function* startingWith(first: string, rest: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  const head = first.indexOf('\n', 2_048) + 1;
  if (head > 0) yield first.slice(0, head);
  yield first.slice(head);
  yield* rest;
}

const delimiters = { ',': 'comma', ';': 'semicolon', '\t': 'tab' } as const;
type Delimiter = keyof typeof delimiters;

/** The header's delimiter: whichever stands in it most often outside of quotes. */
function delimiterOf(text: string): Delimiter {
  const [header = ''] = text.replace(/"[^"]*"/g, '').split(/[\r\n]/);
  const [first, ...others] = Object.keys(delimiters) as [Delimiter, ...Delimiter[]];
  const times = (one: Delimiter) => header.split(one).length;
  return others.reduce((most, one) => (times(one) > times(most) ? one : most), first);
}

/** The library's own messages quote what stands in the file, so we have ours. */
const csvSentences: Partial<Record<CsvErrorCode, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote (") that opens a cell is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'text follows the closing quote of a cell; a quote within a quoted cell is written twice',
  INVALID_OPENING_QUOTE: 'a quote (") stands within a cell that does not begin with one; quote the cell and double it',
  CSV_MAX_RECORD_SIZE: `a record is longer than ${maxRecord / 1024} KB; a quote (") may not be closed`,
};

const textSentences = {
  tooLong: csvSentences.CSV_MAX_RECORD_SIZE ?? '',
  notUtf8: 'is not UTF-8; save the file as "CSV UTF-8" (a Latin-1 or UTF-16 file does not do)',
};

/** What tells where a record began, not where the reader gave up. */
const spanning: CsvErrorCode[] = ['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE'];

function csvFault(csv: RecipientsFile, error: CsvError, recordLine: number) {
  const line = spanning.includes(error.code) ? recordLine : Number(error['lines'] ?? recordLine);
  return fault(csv, line, csvSentences[error.code] ?? `the file cannot be read as CSV (${error.code})`);
}
