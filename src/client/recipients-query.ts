import type { Profile } from '../delivery/definition.js';
import { readQuery, type QueryRow } from '../store/audience-query.js';
import { audienceFault } from './audience-fault.js';
import { DefinitionError, type DefinitionFault } from './definition-faults.js';
import { RecipientRefused } from './field-value.js';
import { checkFieldNames } from './recipient-fields.js';
import { recipientReader } from './recipient-object.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** A query of which each row is a recipient. */
export interface RecipientsQuery {
  /** A fault at its place in the definition. */
  fault: (sentence: string) => DefinitionFault;
  /** Names what the environment has the database's address by: `crm` is `SEALPOST_AUDIENCE_CRM`. */
  database: string;
  query: string;
  /** More are refused. */
  maxRows: number;
  addressField: string;
  fieldOf: ReadonlyMap<string, string>;
  env: Env;
}

/**
 * Reads a target row by row; memory does not grow with it. Rows are numbered from 1, in the order of the query.
 *
 * @throws DefinitionError for a query that cannot be run, at the first row that is no recipient; no sentence holds values
 */
export async function* readRecipientsQuery(source: RecipientsQuery): AsyncGenerator<Profile, void, undefined> {
  const read = recipientReader(source.addressField, source.fieldOf);
  let row = 0;
  for await (const { columns, rows } of pages(source)) {
    if (row === 0) checkColumns(source, columns);
    for (const values of rows) {
      row += 1;
      if (row > source.maxRows) throw queryFault(source, tooMany(source));
      yield profileOf(source, read, columns, values, row);
    }
  }
}

/**
 * @returns the fields that the query's columns become, without the address
 * @throws DefinitionError as {@link readRecipientsQuery} does
 */
export async function readQueryFieldNames(source: RecipientsQuery): Promise<string[]> {
  for await (const { columns } of pages(source)) {
    return fieldsOf(source, columns).filter((name) => name !== source.addressField);
  }
  return [];
}

const tooMany = ({ maxRows }: RecipientsQuery): string =>
  `gives more than ${maxRows.toLocaleString('en-US')} rows: correct it, or set maxRows`;

const fieldsOf = ({ fieldOf }: RecipientsQuery, columns: readonly string[]): string[] =>
  columns.map((column) => fieldOf.get(column) ?? column);

function checkColumns(source: RecipientsQuery, columns: readonly string[]): void {
  const missing = [...source.fieldOf.keys()].filter((column) => !columns.includes(column));
  const sentences = [
    ...missing.map((column) => `gives no column "${column}", which map names`),
    ...checkFieldNames(fieldsOf(source, columns), source.addressField),
  ];
  if (sentences.length > 0) throw new DefinitionError(sentences.map(source.fault));
}

function profileOf(
  source: RecipientsQuery,
  read: ReturnType<typeof recipientReader>,
  columns: readonly string[],
  values: QueryRow,
  row: number,
): Profile {
  try {
    return read(Object.fromEntries(columns.map((column, index) => [column, values[index]])), row);
  } catch (error) {
    if (!(error instanceof RecipientRefused)) throw error;
    const field = error.place ? `the field "${error.place}" ` : '';
    throw queryFault(source, `row ${row}: ${field}${error.message}`);
  }
}

async function* pages(source: RecipientsQuery) {
  const variable = `SEALPOST_AUDIENCE_${source.database.toUpperCase().replaceAll('-', '_')}`;
  const url = source.env[variable];
  if (!url)
    throw queryFault(source, `no ${variable} is set: it names the database, postgres://user:password@host/name`);
  // Never told: it holds a password.
  if (!/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url))
    throw queryFault(source, `${variable} must be like postgres://user:password@host/name`);
  try {
    yield* readQuery(url, source.query);
  } catch (error) {
    throw queryFault(source, audienceFault(error, `the database at ${variable}`, url));
  }
}

const queryFault = ({ fault }: RecipientsQuery, sentence: string) => new DefinitionError([fault(sentence)]);
