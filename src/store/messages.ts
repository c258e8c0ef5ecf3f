import { archiveCopies } from '../delivery/message-key.js';
import type { MessageStatus, Reason } from '../delivery/message-status.js';
import type { Queryable } from './database.js';
import { rowOrSeed } from './seeds.js';

/** A row of the ledger as `messages` lists it. */
export interface LedgerRow {
  /** 0 is the main target, N the Nth proof, -1 the archive's copies. */
  proof: number;
  seq: number;
  /** Row of the recipients' source; null for a seed. */
  row: number | null;
  /** Of a seed, its number from 1; null for a recipient. */
  seed: number | null;
  /** As in the envelope, of a copy as in its original's; as written in the source where it is not a valid address. */
  address: string;
  status: MessageStatus;
  reason: Reason | null;
  /** Of the main target, what left the recipient out: the analysis, or the claim that would have sent the message. */
  leftOutBy: 'analysis' | 'claim' | null;
  attempts: number;
  /** ISO 8601. */
  settledAt: string | null;
  /** ISO 8601. */
  nextAttemptAt: string | null;
  possibleDuplicate: boolean;
  reply: string | null;
}

export interface LedgerFilter {
  proof?: number;
  /** The archive's copies in place of the main target's messages. */
  copies?: boolean;
  statuses?: readonly MessageStatus[];
  reason?: Reason;
  /** Only those that the analysis or a claim left out. */
  excluded?: boolean;
  address?: string;
  /** Only to addresses that hold this, as it is written or in lower case. */
  search?: string;
  /** Only what comes after this sequence number. */
  after?: number;
  /** Only up to this sequence number. */
  upTo?: number;
  /** Only those to seeds. */
  seeds?: boolean;
  limit?: number;
}

const pageRows = 2_000;

/** Rows of the ledger in order of sequence, read page by page: memory does not grow with the delivery. */
export async function* ledgerRows(
  database: Queryable,
  deliveryId: string,
  filter: LedgerFilter = {},
): AsyncGenerator<LedgerRow> {
  let left = filter.limit ?? Infinity;
  let { after = -1 } = filter;
  while (left > 0) {
    const { rows } = await database.query(
      // The messages first, whatever the planner knows of a target that has just come in.
      `select m.proof, m.seq, ${rowOrSeed}, coalesce(nullif(m.address, ''), p.address) as address,
         m.status, m.reason, case when m.proof = 0 and m.status = 'ignored' then
           case when m.leaf is null then 'analysis' else 'claim' end end as "leftOutBy", m.attempts, m.settled_at, m.next_attempt_at,
         m.possible_duplicate as "possibleDuplicate", m.reply
       from (select m.* from message m
       -- Not a join: with the key alone the planner goes on along the primary key, and reads no page twice.
       where m.delivery = (select key from delivery where id = $1) and m.proof = $2 and m.seq > $3
         and ($4::text[] is null or m.status = any($4::message_status[]))
         and ($5::text is null or m.reason = $5)
         and (not $6 or m.status = 'ignored')
         and ($7::text is null or m.address = $7)
         and (not $9 or m.profile_row < 0)
         and ($10::int is null or m.seq <= $10)
         and ($11::text[] is null or m.address like any ($11))
       order by m.seq limit $8) m
       join profile p on p.revision = m.revision and p."row" = m.profile_row
       order by m.seq`,
      [
        deliveryId,
        filter.copies === true ? archiveCopies : (filter.proof ?? 0),
        after,
        filter.statuses ?? null,
        filter.reason ?? null,
        filter.excluded ?? false,
        filter.address ?? null,
        Math.min(pageRows, left),
        filter.seeds ?? false,
        filter.upTo ?? null,
        filter.search === undefined ? null : patternsOf(filter.search),
      ],
    );
    for (const { settled_at, next_attempt_at, ...row } of rows) {
      yield { ...row, settledAt: iso(settled_at), nextAttemptAt: iso(next_attempt_at) };
    }
    if (rows.length < Math.min(pageRows, left)) return;
    left -= rows.length;
    after = rows.at(-1).seq;
  }
}

/** A pattern is looked for three times as fast as it is without regard to case: Postgres knows the case of all languages. */
function patternsOf(text: string): string[] {
  return [text, text.toLowerCase()].map((one) => `%${one.replaceAll(/[\\%_]/g, '\\$&')}%`);
}

function iso(date: Date | null): string | null {
  return date && date.toISOString();
}

/** Which messages a delivery has, its proofs' too, with the hash of the revision of each; read page by page. */
export async function* messageKeys(
  database: Queryable,
  deliveryId: string,
): AsyncGenerator<{ proof: number; seq: number; revision: string }> {
  let after = { proof: 0, seq: -1 };
  for (;;) {
    const { rows } = await database.query<{ proof: number; seq: number; revision: string }>(
      `select m.proof, m.seq, r.hash as revision
       from message m join revision r on r.key = m.revision
       where m.delivery = (select key from delivery where id = $1) and (m.proof, m.seq) > ($2, $3)
       order by m.proof, m.seq limit $4`,
      [deliveryId, after.proof, after.seq, pageRows],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageRows) return;
    after = last;
  }
}
