import { inTransaction, type Database, type Queryable } from './database.js';
import { recordEvent } from './operators.js';

/** Somebody's decisions, which another one may take for a while. */
export interface Delegation {
  delegator: string;
  delegate: string;
  reason: string;
  /** ISO 8601, both. */
  from: string;
  until: string;
}

export async function delegate(database: Database, { delegator, ...given }: Delegation, by: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    await tx.query(
      'insert into delegation (delegator, delegate, reason, from_at, until_at) values ($1, $2, $3, $4, $5)',
      [delegator, given.delegate, given.reason, given.from, given.until],
    );
    await recordEvent(tx, delegator, 'delegated', { by, ...given });
  });
}

/** @returns how many delegations end now */
export async function endDelegations(database: Database, delegator: string, by: string): Promise<number> {
  return await inTransaction(database, async (tx) => {
    const { rowCount } = await tx.query(
      'update delegation set ended_at = now() where delegator = $1 and ended_at is null and until_at > now()',
      [delegator],
    );
    if (rowCount) await recordEvent(tx, delegator, 'delegation-ended', { by });
    return rowCount ?? 0;
  });
}

/** Who may decide for whom at an instant; whoever is disabled has nothing to delegate. @param at - milliseconds since the epoch */
export async function delegationsAt(
  database: Queryable,
  at: number,
): Promise<Pick<Delegation, 'delegator' | 'delegate'>[]> {
  const { rows } = await database.query<Pick<Delegation, 'delegator' | 'delegate'>>(
    `select distinct d.delegator, d.delegate from delegation d join operator o on o.id = d.delegator
     where o.active and $1 >= d.from_at and $1 < least(d.until_at, d.ended_at) order by 1, 2`,
    [new Date(at)],
  );
  return rows;
}
