import type { Queryable } from './database.js';

/** What an operator signs in by. */
export interface StoredPassword {
  /** PHC string. */
  hash: string;
  /** Attempts in a row that failed, the present one included. */
  failures: number;
}

/**
 * Counts an attempt as failed, and locks the account where it is one too many, before anybody looks at the password: of
 * attempts that come at once no more are looked at than of those that come in a row, and a kill takes none of them back.
 *
 * @param lockMs - for so long, by the number of failures from 1; the last one for all that follow
 * @returns undefined for who has no password, is disabled or locked, or signs in at the provider
 */
export async function beginAttempt(
  database: Queryable,
  operator: string,
  now: Date,
  lockMs: readonly number[],
): Promise<StoredPassword | undefined> {
  const { rows } = await database.query<StoredPassword>(
    `update operator_password p set failures = failures + 1,
       locked_until = $2::timestamptz + ($3::int[])[least(failures + 1, cardinality($3))] * interval '1 ms'
     from operator o
     where p.operator = $1 and o.id = p.operator and o.active and coalesce(p.locked_until <= $2, true)
       and not exists (select from operator_identity i where i.operator = o.id)
     returning p.hash, p.failures`,
    [operator, now, lockMs],
  );
  return rows[0];
}

/** The attempt was none of a stranger's. */
export async function clearFailures(database: Queryable, operator: string): Promise<void> {
  await database.query('update operator_password set failures = 0, locked_until = null where operator = $1', [
    operator,
  ]);
}

/** Who has one comes in by it, and no more by the identity provider. */
export async function setPassword(database: Queryable, operator: string, hash: string, now: Date): Promise<void> {
  await database.query(
    `with unbound as (delete from operator_identity where operator = $1)
     insert into operator_password (operator, hash, set_at) values ($1, $2, $3)
     on conflict (operator) do update set hash = $2, set_at = $3, failures = 0, locked_until = null`,
    [operator, hash, now],
  );
}

/** Whether somebody can sign in who may let in others. @param issuer - where some sign in */
export async function hasAdministrator(database: Queryable, issuer?: string): Promise<boolean> {
  const { rows } = await database.query<{ there: boolean }>(
    `select exists (select from operator o where o.active and 'admin' = any (o.roles) and (
       exists (select from operator_password p where p.operator = o.id)
       or exists (select from operator_identity i where i.operator = o.id and i.issuer = $1))) as there`,
    [issuer ?? null],
  );
  return rows[0]?.there === true;
}
