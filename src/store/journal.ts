import { chainHash, chainStart, type ChainedEntry } from '../audit/journal-chain.js';
import { canonicalJson } from '../delivery/canonical-json.js';
import { isFinal, type Phase } from '../delivery/phase.js';
import type { JournalEntry } from '../delivery/journal-entry.js';
import { archiveCopies } from '../delivery/message-key.js';
import { inTransaction, type Database, type Queryable, type Transaction } from './database.js';
import { closeMessages } from './progress.js';

/** Something else stands in the journal under the workflow's own number of an entry. */
export class JournalConflictError extends Error {
  override readonly name = 'JournalConflictError';
}

/**
 * Appends the workflow's entries; one that is there already (a retried activity) stays as it was.
 *
 * @throws JournalConflictError where another one is there: nothing is appended
 */
export async function appendJournal(
  database: Database,
  deliveryId: string,
  entries: readonly JournalEntry[],
): Promise<void> {
  await withLockedDelivery(database, deliveryId, (tx, key) => insertJournalEntries(tx, key, entries));
}

/** Runs `work` in one transaction that holds the delivery's row; does nothing where there is no such delivery. */
export async function withLockedDelivery(
  database: Database,
  deliveryId: string,
  work: (tx: Transaction, deliveryKey: number) => Promise<void>,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { rows } = await tx.query<{ key: number }>('select key from delivery where id = $1 for update', [deliveryId]);
    if (rows[0]) await work(tx, rows[0].key);
  });
}

/** An entry on its way into the journal, with the workflow's own number where it is the workflow's. */
type NewEntry = Omit<JournalEntry, 'n'> & { n?: number };

/** Where a delivery's journal ends. */
interface JournalEnd {
  id: string;
  n: number;
  /** Null before the first entry. */
  hash: Buffer | null;
  /** Those of the workflow's numbers asked about that are there. */
  known: { entry: number; at: string; kind: string; data: Record<string, unknown> }[];
}

/** Gives entries their place in the journal and chains them. The delivery's row must be locked. */
export async function insertJournalEntries(
  tx: Transaction,
  deliveryKey: number,
  entries: readonly NewEntry[],
): Promise<void> {
  const { rows } = await tx.query<JournalEnd>(
    `select d.id, coalesce(j.n, 0) as n, j.hash,
       (select coalesce(json_agg(json_build_object('entry', entry, 'at', at, 'kind', kind, 'data', data)), '[]')
        from journal where delivery = d.key and entry = any ($2::int[])) as known
     from delivery d
     left join lateral (select n, hash from journal where delivery = d.key order by n desc limit 1) j on true
     where d.key = $1`,
    [deliveryKey, entries.flatMap(({ n }) => n ?? [])],
  );
  const [end] = rows;
  if (!end) return;
  const known = new Map(end.known.map(({ entry, ...written }) => [entry, contentOf(written)]));
  const other = entries.find(({ n, at, kind, ...data }) => {
    const written = n === undefined ? undefined : known.get(n);
    return written !== undefined && written !== contentOf({ at, kind, data });
  });
  if (other) throw new JournalConflictError(`entry ${other.n} is another one`);
  const added = chained(
    end,
    entries.filter(({ n }) => n === undefined || !known.has(n)),
  );
  await tx.query(
    `insert into journal (delivery, n, entry, at, kind, data, hash)
     select $1, n, entry, at, kind, data, decode(hash, 'hex')
     from jsonb_to_recordset($2) as added(n int, entry int, at timestamptz, kind text, data jsonb, hash text)`,
    [deliveryKey, JSON.stringify(added)],
  );
}

function contentOf({ at, kind, data }: { at: string; kind: string; data: object }): string {
  return canonicalJson({ at: String(Date.parse(at)), kind, data });
}

function chained(end: JournalEnd, entries: readonly NewEntry[]): (ChainedEntry & { entry: number | undefined })[] {
  let previous = end.hash ?? chainStart;
  return entries.map(({ n: entry, at, kind, ...data }, index) => {
    const written = { n: end.n + index + 1, at: new Date(at).toISOString(), kind, data };
    previous = chainHash(previous, end.id, written);
    return { ...written, entry, hash: previous.toString('hex') };
  });
}

/** The journal of a delivery in order. */
export async function readJournal(database: Queryable, deliveryId: string): Promise<JournalEntry[]> {
  const { rows } = await database.query<{ n: number; at: Date; kind: JournalEntry['kind']; data: object }>(
    `select j.n, j.at, j.kind, j.data from journal j join delivery d on d.key = j.delivery where d.id = $1 order by j.n`,
    [deliveryId],
  );
  return rows.map(({ n, at, kind, data }) => ({ n, at: at.toISOString(), kind, ...data }));
}

/** How many entries there are. */
export async function countEntries(database: Queryable, deliveryId: string): Promise<number> {
  const { rows } = await database.query<{ entries: number }>(
    'select count(*)::int as entries from journal where delivery = (select key from delivery where id = $1)',
    [deliveryId],
  );
  return rows[0]?.entries ?? 0;
}

/** The same with the chain of hashes, as `checkChain` takes it. */
export async function readChainedJournal(database: Queryable, deliveryId: string): Promise<ChainedEntry[]> {
  const { rows } = await database.query<Omit<ChainedEntry, 'at'> & { at: Date | number }>(
    `select j.n, j.at, j.kind, j.data, encode(j.hash, 'hex') as hash
     from journal j join delivery d on d.key = j.delivery where d.id = $1 order by j.n`,
    [deliveryId],
  );
  // What somebody changed by hand must be told, not thrown over: the driver gives `infinity` as a number.
  return rows.map(({ at, ...row }) => ({ ...row, at: at instanceof Date ? at.toISOString() : String(at) }));
}

/** Why a journal has no end by its workflow. */
export const untoldEnds = {
  terminated: 'the workflow was terminated in Temporal',
  conflict: 'the workflow could not tell its end: somebody else had written here in its name',
} as const;

/**
 * Closes journal and messages of a delivery whose workflow has closed without a word of its own. Does nothing where the
 * journal tells the end already. One transaction: a kill leaves all of it to the next attempt.
 */
export async function closeUntold(database: Database, deliveryId: string, why: keyof typeof untoldEnds): Promise<void> {
  await withLockedDelivery(database, deliveryId, async (tx, key) => {
    const { rows } = await tx.query<{ phase: Phase }>(
      `select data->>'phase' as phase from journal where delivery = $1 and kind = 'phase'
       order by n desc limit 1`,
      [key],
    );
    if (rows[0] && isFinal(rows[0].phase)) return;
    const at = new Date().toISOString();
    const reason = untoldEnds[why];
    await insertJournalEntries(tx, key, [{ at, kind: 'phase', phase: 'failed', reason }]);
    await closeMessages(tx, deliveryId);
    await closeMessages(tx, deliveryId, archiveCopies);
  });
}
