import type { Profile } from '../delivery/definition.js';
import { readRecords, wrongCells, type CsvRecord } from './csv-records.js';
import { DefinitionError } from './definition-faults.js';
import { checkFieldNames } from './recipient-fields.js';
import { fault, type RecipientsFile } from './recipients-file.js';

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
      header = fieldsOf(csv, cells);
      const sentences = [...unknownColumns(csv, cells), ...checkFieldNames(header, csv.addressField)];
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
    return fieldsOf(csv, cells).filter((name) => name !== csv.addressField);
  }
  return [];
}

const fieldsOf = ({ fieldOf }: RecipientsFile, cells: readonly string[]): string[] =>
  cells.map((cell) => fieldOf?.get(cell.trim()) ?? cell.trim());

function unknownColumns({ fieldOf = new Map<string, string>() }: RecipientsFile, cells: readonly string[]): string[] {
  const columns = new Set(cells.map((cell) => cell.trim()));
  return [...fieldOf]
    .filter(([column]) => !columns.has(column))
    .map(([column, field]) => `there is no column "${column}", of which map makes the field "${field}"`);
}

function profileOf(csv: RecipientsFile, header: string[], record: CsvRecord): Profile {
  const { cells, line, row } = record;
  if (cells.length !== header.length) throw new DefinitionError([fault(csv, line, wrongCells(record, header.length))]);
  const profile: Profile = { row, address: '', fields: {} };
  for (const [column, name] of header.entries()) {
    const cell = cells[column] ?? '';
    // 64 KB as characters first: most cells need no count of bytes.
    if (cell.length > maxCell / 3 && Buffer.byteLength(cell) > maxCell) {
      throw new DefinitionError([
        fault(csv, line, `the cell of "${name}" is longer than ${maxCell / 1024} KB; shorten it`),
      ]);
    }
    const trimmed = cell.trim();
    if (name === csv.addressField) profile.address = trimmed;
    else if (trimmed) profile.fields[name] = cell;
  }
  return profile;
}
