import { inTransaction, type Database, type Queryable } from './database.js';
import { recordEvent, type OperatorRecord } from './operators.js';

/** Somebody at an identity provider, by the names that it gives to nobody else. */
export interface Identity {
  issuer: string;
  subject: string;
}

/** Whose it is, a disabled operator's too. */
export async function operatorOfIdentity(
  database: Queryable,
  { issuer, subject }: Identity,
): Promise<{ id: string; active: boolean } | undefined> {
  const { rows } = await database.query<{ id: string; active: boolean }>(
    `select o.id, o.active from operator_identity i join operator o on o.id = i.operator
     where i.issuer = $1 and i.subject = $2`,
    [issuer, subject],
  );
  return rows[0];
}

export async function identityOf(database: Queryable, operator: string): Promise<Identity | undefined> {
  const { rows } = await database.query<Identity>('select issuer, subject from operator_identity where operator = $1', [
    operator,
  ]);
  return rows[0];
}

/**
 * Gives an identity to an operator by the operator's name alone: one who can act in no other way yet, so that nobody's
 * account is taken over by a name.
 *
 * @returns false where the operator or the identity has another already, a password or a key
 */
export async function claimOperator(
  database: Queryable,
  operator: string,
  { issuer, subject }: Identity,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `insert into operator_identity (issuer, subject, operator, bound_at)
     select $2, $3, o.id, $4 from operator o where o.id = $1 and o.active
       and not exists (select from operator_password p where p.operator = o.id)
       and not exists (select from operator_key k where k.operator = o.id and k.revoked_at is null)
     on conflict do nothing`,
    [operator, issuer, subject, now],
  );
  return rowCount === 1;
}

/**
 * Gives an identity to an operator who has shown a link: in place of another one, and of the password.
 *
 * @returns false where it is another operator's
 */
export async function connectOperator(
  database: Database,
  operator: string,
  { issuer, subject }: Identity,
  now: Date,
): Promise<boolean> {
  return await inTransaction(database, async (tx) => {
    const { rowCount } = await tx.query(
      `insert into operator_identity as i (issuer, subject, operator, bound_at) values ($2, $3, $1, $4)
       on conflict (operator) do update set issuer = $2, subject = $3, bound_at = $4
         where not exists (select from operator_identity o where o.issuer = $2 and o.subject = $3 and o.operator <> $1)`,
      [operator, issuer, subject, now],
    );
    if (rowCount === 1) await tx.query('delete from operator_password where operator = $1', [operator]);
    return rowCount === 1;
  }).catch(falseWhereTaken);
}

/**
 * Adds an operator together with the identity.
 *
 * @returns false where there is one of that id, however it is written, or the identity is an operator's
 */
export async function addOperatorWithIdentity(
  database: Database,
  { id, name, email, roles }: Pick<OperatorRecord, 'id' | 'name' | 'email' | 'roles'>,
  { issuer, subject }: Identity,
  now: Date,
): Promise<boolean> {
  return await inTransaction(database, async (tx) => {
    const { rowCount } = await tx.query(
      `with added as (
         insert into operator (id, name, email, roles, groups)
         select $1, $2, $3, $4, '{}' where not exists (select from operator where lower(id) = lower($1)) returning id
       )
       insert into operator_identity (issuer, subject, operator, bound_at) select $5, $6, id, $7 from added`,
      [id, name, email ?? null, roles, issuer, subject, now],
    );
    if (rowCount === 1) await recordEvent(tx, id, 'added', { by: issuer, roles, groups: [] });
    return rowCount === 1;
  }).catch(falseWhereTaken);
}

/** Somebody was faster. */
function falseWhereTaken(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === '23505') return false;
  throw error;
}
