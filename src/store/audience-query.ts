import { Client, type QueryArrayResult } from 'pg';

/** Values of one row in the order of the columns, as JSON carries them. */
export type QueryRow = readonly unknown[];

const pageRows = 2_000;
const statementTimeout = '10min';
const declaration = 'declare recipients no scroll cursor for ';

/**
 * Runs one query in a transaction that can only read, and gives its rows page by page; at least one page, for its columns.
 *
 * @param url - of any Postgres
 * @param query - one that gives rows: `select`, `values`, `with … select`
 * @throws what the driver throws; `line` tells where in the query, from 1
 */
export async function* readQuery(
  url: string,
  query: string,
): AsyncGenerator<{ columns: string[]; rows: QueryRow[] }, void, undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: 'sealpost' });
  // A connection that is lost between two pages is told by the next one.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin transaction isolation level repeatable read, read only');
    // Values come as text: dates as they stand there, and none in the language or the zone of a server.
    await client.query(`set local statement_timeout = '${statementTimeout}'; set local datestyle = 'ISO, YMD';
      set local timezone = 'UTC'; set local intervalstyle = 'iso_8601'`);
    await declare(client, query);
    for (;;) {
      const { fields, rows }: QueryArrayResult = await client.query({
        text: `fetch ${pageRows} from recipients`,
        rowMode: 'array',
        types: { getTypeParser },
      });
      yield { columns: fields.map(({ name }) => name), rows };
      if (rows.length < pageRows) return;
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function declare(client: Client, query: string): Promise<void> {
  try {
    // Prepared by a name, it goes by the extended protocol, which takes one statement alone.
    await client.query({ name: 'recipients', text: declaration + query });
  } catch (error) {
    if (typeof error !== 'object' || error === null || !('position' in error)) throw error;
    const before = query.slice(0, Math.max(0, Number(error.position) - declaration.length - 1));
    throw Object.assign(error, { line: before.split('\n').length });
  }
}

const identity = (text: string): unknown => text;
/** A number of so many digits stays what it is as a double; a longer one stays text. */
const exactDigits = 15;

function asNumber(text: string): unknown {
  const isPlain = /^-?\d+(?:\.\d+)?$/.test(text) && text.replace(/[-.]/g, '').length <= exactDigits;
  return isPlain ? Number(text) : text;
}

/** By the type's OID; what is not named is text. */
const parsers: Record<number, (text: string) => unknown> = {
  16: (text) => text === 't',
  20: asNumber,
  21: Number,
  23: Number,
  114: (text) => JSON.parse(text) as unknown,
  700: asNumber,
  701: asNumber,
  1700: asNumber,
  3802: (text) => JSON.parse(text) as unknown,
};

const getTypeParser = (oid: number) => parsers[oid] ?? identity;
