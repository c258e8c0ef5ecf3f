import type { Queryable } from './database.js';

export interface Invitation {
  /** Absent: for the first administrator, whom nobody has added yet. */
  operator?: string;
}

export async function insertInvitation(
  database: Queryable,
  { secretHash, operator, now, expiresAt }: { secretHash: Buffer; operator?: string; now: Date; expiresAt: Date },
): Promise<void> {
  await database.query(
    'insert into console_invitation (secret_hash, operator, made_at, expires_at) values ($1, $2, $3, $4)',
    [secretHash, operator ?? null, now, expiresAt],
  );
}

interface Row {
  operator: string | null;
}

const toInvitation = ([row]: Row[]): Invitation | undefined =>
  row && (row.operator === null ? {} : { operator: row.operator });

/** SQL: it has not been used, its time is not over, and its operator may act. */
const isOpen = `secret_hash = $1 and used_at is null and expires_at > $2
  and (operator is null or exists (select from operator o where o.id = operator and o.active))`;

export async function findInvitation(
  database: Queryable,
  secretHash: Buffer,
  now: Date,
): Promise<Invitation | undefined> {
  const { rows } = await database.query<Row>(`select operator from console_invitation where ${isOpen}`, [
    secretHash,
    now,
  ]);
  return toInvitation(rows);
}

/** Of several who come at once with the same link, one gets it. */
export async function useInvitation(
  database: Queryable,
  secretHash: Buffer,
  now: Date,
): Promise<Invitation | undefined> {
  const { rows } = await database.query<Row>(
    `update console_invitation set used_at = $2 where ${isOpen} returning operator`,
    [secretHash, now],
  );
  return toInvitation(rows);
}

/** Links for the first administrator open no more. */
export async function closeFirstInvitations(database: Queryable, now: Date): Promise<void> {
  await database.query('update console_invitation set used_at = $1 where operator is null and used_at is null', [now]);
}
