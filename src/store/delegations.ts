import { inTransaction, type Database, type Queryable } from './database.js';

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
    await tx.query(`insert into operator_event (operator, kind, by, data) values ($1, 'delegated', $2, $3)`, [
      delegator,
      by,
      JSON.stringify(given),
    ]);
  });
}

/** @returns how many delegations end now */
export async function endDelegations(database: Database, delegator: string, by: string): Promise<number> {
  return await inTransaction(database, async (tx) => {
    const { rowCount } = await tx.query(
      'update delegation set ended_at = now() where delegator = $1 and ended_at is null and until_at > now()',
      [delegator],
    );
    if (rowCount)
      await tx.query(`insert into operator_event (operator, kind, by) values ($1, 'delegation-ended', $2)`, [
        delegator,
        by,
      ]);
    return rowCount ?? 0;
  });
}

/** Active operators who have delegated to this one at an instant. @param at - milliseconds since the epoch */
export async function delegatorsOf(database: Queryable, delegateId: string, at: number): Promise<string[]> {
  const { rows } = await database.query<{ delegator: string }>(
    `select distinct d.delegator from delegation d join operator o on o.id = d.delegator
     where d.delegate = $1 and o.active and $2 >= d.from_at and $2 < least(d.until_at, d.ended_at) order by 1`,
    [delegateId, new Date(at)],
  );
  return rows.map(({ delegator }) => delegator);
}

/** Who may decide for whom at an instant. @param at - milliseconds since the epoch */
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
