import { pipeline, Readable } from 'node:stream';
import { CsvError, type CsvErrorCode, type Info, parse } from 'csv-parse';
import { DefinitionError } from './definition-faults.js';
import { fault, maxRecord, readText, type TextFile } from './recipients-file.js';

export interface CsvRecord {
  cells: string[];
  /** The line of the file that the record begins on. */
  line: number;
  /** The row as a spreadsheet numbers it, empty ones counted. */
  row: number;
  delimiter: Delimiter;
}

/**
 * Reads a CSV file record by record, its header first; memory does not grow with the file. UTF-8, cells separated by
 * comma, semicolon or tab as the header has it.
 *
 * @throws DefinitionError at the first fault, naming file and line; no sentence holds a cell's values
 */
export async function* readRecords(csv: TextFile): AsyncGenerator<CsvRecord, void, undefined> {
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

/** @returns a sentence about a record that has not as many cells as its header */
export function wrongCells({ cells, delimiter }: CsvRecord, wanted: number): string {
  const count = `${cells.length} cell${cells.length === 1 ? '' : 's'}`;
  const advice = `by the header, a ${delimiters[delimiter]} separates cells, and one within a cell wants quotes`;
  return `has ${count} where the header has ${wanted}; ${advice}`;
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
  CSV_QUOTE_NOT_CLOSED: 'a quote (") that opens a cell is never closed; close it, or quote the cell and double it',
  CSV_INVALID_CLOSING_QUOTE: 'text follows the closing quote of a cell; a quote within a quoted cell is written twice',
  INVALID_OPENING_QUOTE: 'a quote (") stands within a cell that does not begin with one; quote the cell and double it',
  CSV_MAX_RECORD_SIZE: `a record is longer than ${maxRecord / 1024} KB; shorten its cells, or close the quote (") that may be open`,
};

const textSentences = {
  tooLong: csvSentences.CSV_MAX_RECORD_SIZE ?? '',
  notUtf8: 'is not UTF-8; save the file as "CSV UTF-8" (a Latin-1 or UTF-16 file does not do)',
};

/** What tells where a record began, not where the reader gave up. */
const spanning: CsvErrorCode[] = ['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE'];

function csvFault(csv: TextFile, error: CsvError, recordLine: number) {
  const line = spanning.includes(error.code) ? recordLine : Number(error['lines'] ?? recordLine);
  return fault(csv, line, csvSentences[error.code] ?? `the file cannot be read as CSV (${error.code})`);
}
