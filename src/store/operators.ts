import type { PublicKey } from '../audit/public-key.js';
import { inTransaction, type Database, type Queryable, type Transaction } from './database.js';

export interface OperatorKey {
  /** RFC 7638 thumbprint, base64url. */
  kid: string;
  publicKey: PublicKey;
  label: string;
  /** ISO 8601. */
  addedAt: string;
  /** ISO 8601; absent while it counts. */
  revokedAt?: string;
}

export interface OperatorRecord {
  id: string;
  name: string;
  email?: string;
  roles: string[];
  groups: string[];
  /** Who is not decides nothing any more. */
  active: boolean;
  /** ISO 8601. */
  addedAt: string;
  /** In the order in which they were added. */
  keys: OperatorKey[];
}

export type OperatorChange =
  'added' | 'changed' | 'disabled' | 'enabled' | 'key-added' | 'key-revoked' | 'delegated' | 'delegation-ended';

/** One thing that was done to an operator. */
export interface OperatorEvent {
  n: number;
  /** ISO 8601. */
  at: string;
  operator: string;
  kind: OperatorChange;
  /** Operator id. */
  by: string;
  data: Record<string, unknown>;
}

const columns = `select o.id, o.name, o.email, o.roles, o.groups, o.active, o.added_at,
  (select coalesce(json_agg(json_build_object('kid', k.kid, 'publicKey', k.public_key, 'label', k.label,
     'addedAt', k.added_at, 'revokedAt', k.revoked_at) order by k.added_at, k.kid), '[]')
   from operator_key k where k.operator = o.id) as keys
  from operator o`;

interface Row extends Omit<OperatorRecord, 'email' | 'addedAt' | 'keys'> {
  email: string | null;
  added_at: Date;
  keys: (Omit<OperatorKey, 'revokedAt'> & { revokedAt: string | null })[];
}

function toRecord({ email, added_at, keys, ...row }: Row): OperatorRecord {
  return {
    ...row,
    ...(email !== null && { email }),
    addedAt: added_at.toISOString(),
    keys: keys.map(({ addedAt, revokedAt, ...key }) => ({
      ...key,
      addedAt: new Date(addedAt).toISOString(),
      ...(revokedAt !== null && { revokedAt: new Date(revokedAt).toISOString() }),
    })),
  };
}

/** What an operator's signature adds to the id: `role:approver`, `group:finance`. */
export function claimsOf({ roles, groups }: Pick<OperatorRecord, 'roles' | 'groups'>): string[] {
  return [...roles.map((role) => `role:${role}`), ...groups.map((group) => `group:${group}`)];
}

/** All operators by id, the disabled ones too. */
export async function listOperators(database: Queryable): Promise<OperatorRecord[]> {
  const { rows } = await database.query<Row>(`${columns} order by o.id`);
  return rows.map(toRecord);
}

export async function findOperator(database: Queryable, id: string): Promise<OperatorRecord | undefined> {
  const { rows } = await database.query<Row>(`${columns} where o.id = $1`, [id]);
  return rows[0] && toRecord(rows[0]);
}

/** Whose key it is; revoked keys and those of disabled operators too. */
export async function operatorOfKey(database: Queryable, kid: string): Promise<OperatorRecord | undefined> {
  const { rows } = await database.query<Row>(
    `${columns} where o.id = (select operator from operator_key where kid = $1)`,
    [kid],
  );
  return rows[0] && toRecord(rows[0]);
}

/** What was done to operators, in order. */
export async function operatorEvents(database: Queryable): Promise<OperatorEvent[]> {
  const { rows } = await database.query<Omit<OperatorEvent, 'n' | 'at'> & { n: string; at: Date }>(
    'select n, at, operator, kind, by, data from operator_event order by n',
  );
  return rows.map(({ n, at, ...event }) => ({ ...event, n: Number(n), at: at.toISOString() }));
}

/** Who changes something, and what of it is to be told later. */
type Change = { by: string } & Record<string, unknown>;

/** In the transaction of what it tells of. */
export async function recordEvent(
  tx: Transaction,
  operator: string,
  kind: OperatorChange,
  change: Change,
): Promise<void> {
  const { by, ...data } = change;
  await tx.query('insert into operator_event (operator, kind, by, data) values ($1, $2, $3, $4)', [
    operator,
    kind,
    by,
    JSON.stringify(data),
  ]);
}

/** Adds an operator, or gives one that is there these particulars. @returns whether it is new */
export async function putOperator(
  database: Database,
  { id, name, email, roles, groups }: Pick<OperatorRecord, 'id' | 'name' | 'email' | 'roles' | 'groups'>,
  by: string,
): Promise<boolean> {
  return await inTransaction(database, async (tx) => {
    const { rows } = await tx.query<{ is_new: boolean }>(
      `insert into operator (id, name, email, roles, groups) values ($1, $2, $3, $4, $5)
       on conflict (id) do update set name = $2, email = $3, roles = $4, groups = $5
       returning xmax = 0 as is_new`,
      [id, name, email ?? null, roles, groups],
    );
    const isNew = rows[0]?.is_new === true;
    await recordEvent(tx, id, isNew ? 'added' : 'changed', { by, roles, groups });
    return isNew;
  });
}

/** Gives an operator these roles in place of all others; nothing is recorded where they are the same. */
export async function setRoles(database: Database, id: string, roles: readonly string[], by: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { rows } = await tx.query<{ groups: string[] }>(
      'update operator set roles = $2 where id = $1 and not (roles @> $2 and roles <@ $2) returning groups',
      [id, roles],
    );
    if (rows[0]) await recordEvent(tx, id, 'changed', { by, roles, groups: rows[0].groups });
  });
}

/** @returns false where there is no such operator */
export async function setActive(database: Database, id: string, active: boolean, by: string): Promise<boolean> {
  return await inTransaction(database, async (tx) => {
    const { rowCount } = await tx.query('update operator set active = $2 where id = $1', [id, active]);
    if (rowCount === 1) await recordEvent(tx, id, active ? 'enabled' : 'disabled', { by });
    return rowCount === 1;
  });
}

/** Adds a key; one that is there already stays as it is. @returns false where it is another operator's, or revoked */
export async function addKey(
  database: Database,
  operator: string,
  { kid, publicKey, label }: Pick<OperatorKey, 'kid' | 'publicKey' | 'label'>,
  by: string,
): Promise<boolean> {
  return await inTransaction(database, async (tx) => {
    const { rowCount } = await tx.query(
      'insert into operator_key (kid, operator, public_key, label) values ($1, $2, $3, $4) on conflict do nothing',
      [kid, operator, JSON.stringify(publicKey), label],
    );
    if (rowCount === 1) await recordEvent(tx, operator, 'key-added', { by, kid, label });
    const { rows } = await tx.query(
      'select 1 from operator_key where kid = $1 and operator = $2 and revoked_at is null',
      [kid, operator],
    );
    return rows.length === 1;
  });
}

/** @returns the keys of the operator that count no more from now on */
export async function revokeKeys(
  database: Database,
  operator: string,
  { kids, except }: { kids?: readonly string[] | undefined; except?: string | undefined },
  by: string,
): Promise<string[]> {
  return await inTransaction(database, async (tx) => {
    const { rows } = await tx.query<{ kid: string }>(
      `update operator_key set revoked_at = now() where operator = $1 and revoked_at is null
         and ($2::text[] is null or kid = any($2)) and kid is distinct from $3 returning kid`,
      [operator, kids ?? null, except ?? null],
    );
    for (const { kid } of rows) await recordEvent(tx, operator, 'key-revoked', { by, kid });
    return rows.map(({ kid }) => kid);
  });
}

/**
 * Keeps a decision's nonce.
 *
 * @param received - its number among the decisions that the delivery received
 * @returns whether it is this very decision's: false where another one had it
 */
export async function takeNonce(
  database: Queryable,
  deliveryId: string,
  { nonce, received }: { nonce: string; received: number },
): Promise<boolean> {
  const { rows } = await database.query<{ own: boolean }>(
    `with taken as (
       insert into decision_nonce (nonce, delivery, received) select $2, key, $3 from delivery where id = $1
       on conflict (nonce) do nothing returning true
     )
     select exists (select from taken) or exists (
       select from decision_nonce n join delivery d on d.key = n.delivery where n.nonce = $2 and d.id = $1 and n.received = $3
     ) as own`,
    [deliveryId, nonce, received],
  );
  return rows[0]?.own === true;
}
