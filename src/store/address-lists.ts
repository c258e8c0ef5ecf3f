import { copyInto, copyRow } from './copy-format.js';
import { analyseAfter, inTransaction, type Database, type Queryable, type Transaction } from './database.js';

/** Addresses that get nothing: of people who want nothing, or of mailboxes that take nothing. */
export type ListName = 'denylist' | 'quarantine';

/** What names an entry of each. */
const keys: Record<ListName, string> = { denylist: 'address, sender', quarantine: 'address' };

/** As if the quarantine knew senders: each entry is for all of them. */
const relations: Record<ListName, string> = {
  denylist: 'denylist',
  quarantine: `(select *, '' as sender from quarantine) quarantine`,
};

/** Where an entry came from: a command, a file, or the recipient. */
export type EntrySource = 'operator' | 'import' | 'unsubscribed';

/** An entry as `list` shows it. */
export interface ListEntry {
  /** Local part as written, domain in lower-case A-labels. */
  address: string;
  /** Of the denylist: from whom nothing may come, `@` and a domain for all of its senders; empty for everybody. */
  sender: string;
  /** ISO 8601. */
  addedAt: string;
  source: EntrySource;
  /** Operator id; null where it was no operator. */
  operator: string | null;
  reason: string | null;
}

/** Addresses of one sender, or of all where it is empty; as the tables have them. */
interface Named {
  addresses: readonly string[];
  sender: string;
}

const given = '(select distinct unnest($1::text[]) as address, $2::text as sender) given';

/**
 * Who is put on a list again is on it from then on, for a delivery that lets in who was there before its analysis; whose
 * entry it is and why stays.
 */
const renew = (key: string) => `on conflict (${key}) do update set added_at = excluded.added_at`;

/** Of a row that comes back: whether it was inserted. */
const isNew = '(xmax = 0)';

/**
 * Puts addresses on a list; of who is there already, the time alone changes.
 *
 * @returns those that are new
 */
export async function addEntries(
  database: Queryable,
  list: ListName,
  { addresses, sender, operator, reason }: Named & { operator: string; reason: string | null },
): Promise<string[]> {
  const key = keys[list];
  const { rows } = await database.query<{ address: string; isNew: boolean }>(
    // In one order, so that two that overlap wait for one another and not each for the other.
    `insert into ${list} (${key}, source, operator, reason, added_at)
     select ${key}, 'operator', $3, $4, now() from ${given} order by ${key}
     ${renew(key)} returning address, ${isNew} as "isNew"`,
    [addresses, sender, operator, reason],
  );
  return rows.flatMap((row) => (row.isNew ? [row.address] : []));
}

/** @returns those that were there */
export async function removeEntries(
  database: Queryable,
  list: ListName,
  { addresses, sender }: Named,
): Promise<string[]> {
  const key = keys[list];
  const { rows } = await database.query<{ address: string }>(
    `delete from ${list} where (${key}) in (select ${key} from ${given}) returning address`,
    [addresses, sender],
  );
  return rows.map(({ address }) => address);
}

/** @returns the entries of these addresses on the denylist */
export async function stillDenied(
  database: Queryable,
  addresses: readonly string[],
): Promise<{ address: string; sender: string }[]> {
  const { rows } = await database.query<{ address: string; sender: string }>(
    'select address, sender from denylist where address = any($1) order by address, sender',
    [addresses],
  );
  return rows;
}

export interface ListFilter {
  /** Only entries for this very sender. */
  sender?: string;
  /** A part of the address, upper and lower case alike. */
  search?: string;
  /** Only entries behind this one. */
  after?: Pick<ListEntry, 'address' | 'sender'>;
  limit?: number;
}

const pageRows = 2_000;

/** Entries in order of address, read page by page: memory does not grow with the list. */
export async function* listEntries(
  database: Queryable,
  list: ListName,
  { sender, search, after: first = { address: '', sender: '' }, limit = Infinity }: ListFilter,
): AsyncGenerator<ListEntry, void, undefined> {
  let after = first;
  for (let left = limit; left > 0;) {
    const wanted = Math.min(pageRows, left);
    const { rows } = await database.query<Omit<ListEntry, 'addedAt'> & { added_at: Date }>(
      // The first comparison is one that the index of both lists knows.
      `select address, sender, added_at, source, operator, reason from ${relations[list]}
       where address >= $1 and (address, sender) > ($1, $2)
         and ($3::text is null or sender = $3) and ($4::text is null or strpos(lower(address), lower($4)) > 0)
       order by address, sender limit $5`,
      [after.address, after.sender, sender ?? null, search ?? null, wanted],
    );
    for (const { added_at, ...entry } of rows) yield { ...entry, addedAt: added_at.toISOString() };
    const last = rows.at(-1);
    if (!last || rows.length < wanted) return;
    left -= rows.length;
    after = last;
  }
}

/** What an import brings for one entry, as the tables have it. */
export interface ImportedEntry {
  address: string;
  sender: string;
  reason: string | null;
}

export interface ImportCounts {
  added: number;
  /** Of the others, those that were on the list. */
  present: number;
  /** Lines that say again what an earlier one said. */
  doubles: number;
}

/**
 * Puts all entries on a list, or none where reading them fails: one transaction. Of doubles the first counts; of who is
 * there already, the time alone changes.
 */
export async function importEntries(
  database: Database,
  list: ListName,
  entries: AsyncIterable<ImportedEntry>,
  operator: string,
): Promise<ImportCounts> {
  const counts = await inTransaction(database, async (tx) => {
    const lines = await stageEntries(tx, entries);
    const key = keys[list];
    const { rows } = await tx.query<{ count: number }>(
      `select count(*)::int as count from (select distinct ${key} from imported) one`,
    );
    const distinct = rows[0]?.count ?? 0;
    const { rows: put } = await tx.query<{ added: number }>(
      // Not \`now()\`, which is when reading began: an analysis may have come since.
      `with put as (
         insert into ${list} (${key}, source, operator, reason, added_at)
         select distinct on (${key}) ${key}, 'import', $1, reason, clock_timestamp() from imported order by ${key}, n
         ${renew(key)} returning ${isNew} as is_new
       ) select count(*) filter (where is_new)::int as added from put`,
      [operator],
    );
    const added = put[0]?.added ?? 0;
    return { added, present: distinct - added, doubles: lines - distinct };
  });
  // Or the planner takes the list for what it was: an analysis then looks up each recipient in it.
  await analyseAfter(database, list, counts.added);
  return counts;
}

/** @returns how many there are */
async function stageEntries(tx: Transaction, entries: AsyncIterable<ImportedEntry>): Promise<number> {
  await tx.query('create temp table imported (n int, address text, sender text, reason text) on commit drop');
  let n = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const { address, sender, reason } of entries) yield copyRow([(n += 1), address, sender, reason]);
  }
  await copyInto(tx, 'imported', lines());
  return n;
}
