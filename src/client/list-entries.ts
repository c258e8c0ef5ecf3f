import type { ImportedEntry, ListName } from '../store/address-lists.js';
import { fromSpreadsheetText } from '../delivery/spreadsheet-text.js';
import { readRecords, wrongCells, type CsvRecord } from './csv-records.js';
import { DefinitionError } from './definition-faults.js';
import type { OpenListFile } from './list-file.js';
import { FaultCollection, judgeAddress, judgeReason, judgeSender, valueOf } from './list-input.js';

/** Entries of one file: what unpacks to more is an accident, or fills the disk on purpose. */
const maxEntries = 10_000_000;
const maxColumns = 100;

/** What stands in which column, by its place from 0. */
interface Columns {
  address: number;
  sender?: number;
  reason?: number;
  count: number;
}

/** How far an import is. */
export interface ImportProgress {
  /** Lines that were read, faulty ones too. */
  entries: number;
  /** Of the file, from 0 to 1; undefined where its size is not known. */
  share: number | undefined;
}

/** Progress is told after so many entries. */
const told = 1_000;

/**
 * Reads entries of a list: CSV whose header names `address` or `email` and may name `sender` and `reason`, or one address
 * a line. Other columns count for nothing. Reads on after a fault of a line, so that all of them are told.
 *
 * @param defaults - for entries that name none
 * @throws ListInputError at the end where anything was wrong
 */
export async function* readEntries(
  list: ListName,
  file: OpenListFile,
  defaults: { sender: string; reason: string | null },
  progress: (progress: ImportProgress) => void,
): AsyncGenerator<ImportedEntry, void, undefined> {
  const faults = new FaultCollection();
  let columns: Columns | undefined;
  let entries = 0;
  try {
    for await (const record of readRecords({ path: file.bytes, name: file.name })) {
      if (!columns) {
        columns = columnsOf(list, record);
        if (record.cells.length > 1 || isHeader(record)) continue;
      }
      if ((entries += 1) > maxEntries) throw broken(`there are more than ${maxEntries} entries; split the file`);
      const entry = entryOf(columns, record, faults, file.name);
      if (entry) yield { ...entry, sender: entry.sender || defaults.sender, reason: entry.reason || defaults.reason };
      if (entries % told === 0) progress({ entries, share: file.share() });
    }
    if (entries === 0) throw broken('there is no entry in it');
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    faults.add(...error.faults.map((one) => ({ ...one, file: file.name, field: '' })));
  }
  faults.refuse();
}

/** What ends the reading, for nothing that follows would mean anything. */
const broken = (sentence: string, line?: number) =>
  new DefinitionError([{ field: '', sentence, ...(line === undefined ? {} : { line }) }]);

const addressNames: readonly string[] = ['address', 'email'];
const nameOf = (cell: string) => cell.trim().toLowerCase();
const isHeader = ({ cells }: CsvRecord) => cells.some((cell) => addressNames.includes(nameOf(cell)));

/** @throws DefinitionError */
function columnsOf(list: ListName, record: CsvRecord): Columns {
  const { cells, line } = record;
  const count = cells.length;
  if (count > maxColumns)
    throw broken(`there are ${count} columns; ${maxColumns} is the most: take the others out`, line);
  if (!isHeader(record)) {
    // One address a line.
    if (count === 1) return { address: 0, count };
    throw broken('the first row must name the columns, and one of them "address" or "email"', line);
  }
  const place = (names: readonly string[]): number => {
    const [first = -1, second] = cells.flatMap((cell, at) => (names.includes(nameOf(cell)) ? [at] : []));
    if (second === undefined) return first;
    throw broken(`there are two columns "${names.join('" or "')}"; remove one`, line);
  };
  const [address, sender, reason] = [place(addressNames), place(['sender']), place(['reason'])];
  if (list === 'quarantine' && sender >= 0) {
    throw broken('the quarantine is for all senders: a column "sender" has no place in it', line);
  }
  return { address, count, ...(sender < 0 ? {} : { sender }), ...(reason < 0 ? {} : { reason }) };
}

/** @returns undefined where something is wrong with it, which `faults` then tells */
function entryOf(
  columns: Columns,
  record: CsvRecord,
  faults: FaultCollection,
  file: string,
): (ImportedEntry & { reason: string }) | undefined {
  const { cells, line } = record;
  if (cells.length !== columns.count) {
    const sentence = columns.count === 1 ? 'more than an address stands here' : wrongCells(record, columns.count);
    faults.add({ file, line, field: '', sentence });
    return undefined;
  }
  let sound = true;
  const own = { add: (fault: Parameters<FaultCollection['add']>[0]) => ((sound = false), faults.add(fault)) };
  const cell = (at: number | undefined) => (at === undefined ? '' : fromSpreadsheetText((cells[at] ?? '').trim()));
  const entry = {
    address: valueOf(judgeAddress(cell(columns.address)), own, { file, line, field: '' }),
    sender: valueOf(judgeSender(cell(columns.sender)), own, { file, line, field: 'sender' }),
    reason: valueOf(judgeReason(cell(columns.reason)), own, { file, line, field: 'reason' }),
  };
  return sound ? entry : undefined;
}
