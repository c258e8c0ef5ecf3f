import { archiveCopies } from '../delivery/message-key.js';
import type { Queryable } from './database.js';
import { ledgerRows, type LedgerFilter, type LedgerRow } from './messages.js';

/** Some rows of the ledger, and where to go on. */
export interface LedgerPage {
  rows: LedgerRow[];
  /** Sequence number after which the next page begins; absent where there is nothing more. */
  next?: number;
  /** The rows are not as many as were asked for: what is after `next` was not looked at yet. */
  unfinished?: true;
  /** The last sequence number that there is; 0 where there is none. */
  last: number;
}

/** So long one page looks; no index over status or part of an address is worth what it costs each message that is sent. */
const patienceMs = 80;
const firstStretch = 10_000;
const shortestStretch = 1_000;
const longestStretch = 200_000;

/**
 * Looks through the ledger from a sequence number on, for a bounded time whatever its length, stretch by stretch.
 *
 * @param clock - milliseconds, of a clock that does not go back
 */
export async function ledgerPage(
  database: Queryable,
  deliveryId: string,
  { after = -1, limit = 50, ...filter }: LedgerFilter,
  clock: () => number = () => performance.now(),
): Promise<LedgerPage> {
  const proof = filter.copies === true ? archiveCopies : (filter.proof ?? 0);
  const last = await lastSeq(database, deliveryId, proof);
  const rows: LedgerRow[] = [];
  const begun = clock();
  let stretch = firstStretch;
  for (let from = after; from < last;) {
    const upTo = Math.min(from + stretch, last);
    // One more than a page has, to know whether there are more.
    for await (const row of ledgerRows(database, deliveryId, {
      ...filter,
      after: from,
      upTo,
      limit: limit + 1 - rows.length,
    }))
      rows.push(row);
    const shown = rows.slice(0, limit);
    if (rows.length > limit) return { rows: shown, next: shown.at(-1)?.seq ?? from, last };
    from = upTo;
    const spent = clock() - begun;
    if (spent > patienceMs && from < last) return { rows, next: from, unfinished: true, last };
    // As far as the time that is left is enough for, by what it took so far.
    const perMs = (upTo - after) / spent;
    stretch = Math.round(Math.min(Math.max(perMs * (patienceMs - spent), shortestStretch), longestStretch));
  }
  return { rows, last };
}

async function lastSeq(database: Queryable, deliveryId: string, proof: number): Promise<number> {
  const { rows } = await database.query<{ last: number }>(
    `select seq as last from message where delivery = (select key from delivery where id = $1) and proof = $2
     order by seq desc limit 1`,
    [deliveryId, proof],
  );
  return rows[0]?.last ?? 0;
}
