import type { Queryable, Transaction } from './database.js';

/** Tables whose rows the application reads and adds; triggers keep everybody from changing or deleting them. */
const appendOnly = ['journal', 'operator_event', 'decision_nonce', 'access_event'];
/** Tables that are none of the application's business. */
const ofMigrations = ['schema_migration'];

/** Its code is Postgres' own for a right that is missing. */
export class NotOwnerError extends Error {
  readonly code = '42501';
}

/** @throws NotOwnerError for a role that owns our tables neither now nor after it has made them */
export async function demandOwner(database: Queryable): Promise<void> {
  const { rows } = await database.query<{ may: boolean }>(
    `select coalesce(
       (select pg_has_role(relowner, 'member') from pg_class where oid = to_regclass('schema_migration')),
       has_schema_privilege(current_schema(), 'create')
     ) as may`,
  );
  if (!rows[0]?.may) throw new NotOwnerError('the role does not own the tables');
}

/** Gives a role what worker, client and web need of our tables, and nothing by which it could rewrite the journal. */
export async function grantToApplication(tx: Transaction, role: string): Promise<void> {
  const { rows } = await tx.query<{ statements: string }>(
    `select concat_ws(';',
       format('grant connect, temporary on database %I to %I', current_database(), $1::text),
       format('grant usage on schema %I to %I', current_schema(), $1),
       format('grant execute on function renew_statistics(text) to %I', $1),
       string_agg(format('revoke all on %I from %I', relname, $1), ';') filter (where relname = any ($2)),
       string_agg(format('grant %s on %I to %I', case
         when relkind = 'S' then 'usage'
         when relname = any ($2) then 'select, insert'
         else 'select, insert, update, delete' end, relname, $1), ';')
     ) as statements
     from pg_class
     where relnamespace = current_schema()::regnamespace and relowner = current_user::regrole
       and relkind in ('r', 'S') and relname <> all ($3)`,
    [role, appendOnly, ofMigrations],
  );
  await tx.query(rows[0]?.statements ?? '');
}

/** Whether the role could rewrite what happened: it has a right to change the journal, or owns it and could take one. */
export async function mayRewriteJournal(database: Queryable): Promise<boolean> {
  const { rows } = await database.query<{ may: boolean }>(
    `select pg_has_role(relowner, 'member') or has_table_privilege(oid, 'update, delete, truncate, trigger') as may
     from pg_class where oid = 'journal'::regclass`,
  );
  return rows[0]?.may ?? false;
}
