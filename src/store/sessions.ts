import type { Queryable } from './database.js';

/** Who acts, as of now: roles that are taken away hold no more from the next request on. */
export interface SignedInOperator {
  id: string;
  name: string;
  roles: string[];
}

export interface SessionSummary {
  key: number;
  /** Program and system. */
  browser: string;
  /** ISO 8601, all of them. */
  beganAt: string;
  seenAt: string;
  expiresAt: string;
}

/** Begins one, and forgets those of the operator that ended long ago. */
export async function insertSession(
  database: Queryable,
  session: { secretHash: Buffer; operator: string; browser: string; now: Date; expiresAt: Date; confirmed: boolean },
): Promise<void> {
  await database.query(
    `insert into console_session (secret_hash, operator, browser, began_at, seen_at, expires_at, confirmed_at)
     values ($1, $2, $3, $4, $4, $5, $6)`,
    [
      session.secretHash,
      session.operator,
      session.browser,
      session.now,
      session.expiresAt,
      session.confirmed ? session.now : null,
    ],
  );
  await database.query(
    `delete from console_session where operator = $1 and expires_at < $2::timestamptz - interval '30 days'`,
    [session.operator, session.now],
  );
}

/** SQL: it has not ended, by itself or by somebody. `$2` is now, and `$3` since when it must have been seen. */
const isOpen = `s.ended_at is null and s.expires_at > $2 and s.seen_at > $3`;

interface SessionRow extends SignedInOperator {
  key: number;
  seen_at: Date;
  confirmed_at: Date | null;
}

/**
 * @param idleSince - a session that was not seen since has ended
 * @returns undefined for one that has ended, or whose operator is disabled
 */
export async function findSession(
  database: Queryable,
  secretHash: Buffer,
  { now, idleSince }: { now: Date; idleSince: Date },
): Promise<{ key: number; operator: SignedInOperator; seenAt: Date; confirmedAt?: Date } | undefined> {
  const { rows } = await database.query<SessionRow>(
    `select s.key, s.seen_at, s.confirmed_at, o.id, o.name, o.roles from console_session s join operator o on o.id = s.operator
     where s.secret_hash = $1 and o.active and ${isOpen}`,
    [secretHash, now, idleSince],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { key, seen_at: seenAt, confirmed_at: confirmedAt, ...operator } = row;
  return { key, operator, seenAt, ...(confirmedAt !== null && { confirmedAt }) };
}

/** Uses up a session's fresh sign-in. @returns false where there is none since then */
export async function takeConfirmation(database: Queryable, key: number, since: Date): Promise<boolean> {
  const { rowCount } = await database.query(
    'update console_session set confirmed_at = null where key = $1 and confirmed_at > $2 and ended_at is null',
    [key, since],
  );
  return rowCount === 1;
}

/** Of these sessions the ones that have not ended, with what their operators are now. */
export async function openSessions(
  database: Queryable,
  keys: readonly number[],
  { now, idleSince }: { now: Date; idleSince: Date },
): Promise<Map<number, string[]>> {
  const { rows } = await database.query<{ key: number; roles: string[] }>(
    `select s.key, o.roles from console_session s join operator o on o.id = s.operator
     where s.key = any($1) and o.active and ${isOpen}`,
    [keys, now, idleSince],
  );
  return new Map(rows.map(({ key, roles }) => [key, roles]));
}

export async function noteSessionSeen(database: Queryable, key: number, now: Date): Promise<void> {
  await database.query('update console_session set seen_at = greatest(seen_at, $2) where key = $1', [key, now]);
}

/** Those that have not ended, the last seen first. */
export async function listSessions(
  database: Queryable,
  operator: string,
  { now, idleSince }: { now: Date; idleSince: Date },
): Promise<SessionSummary[]> {
  const { rows } = await database.query<{
    key: number;
    browser: string;
    began_at: Date;
    seen_at: Date;
    expires_at: Date;
  }>(
    `select s.key, s.browser, s.began_at, s.seen_at, s.expires_at from console_session s
     where s.operator = $1 and ${isOpen} order by s.seen_at desc, s.key desc`,
    [operator, now, idleSince],
  );
  return rows.map(({ key, browser, began_at, seen_at, expires_at }) => ({
    key,
    browser,
    beganAt: began_at.toISOString(),
    seenAt: seen_at.toISOString(),
    expiresAt: expires_at.toISOString(),
  }));
}

/**
 * Ends sessions of an operator: one by its key, or all but one.
 *
 * @returns their keys
 */
export async function endSessions(
  database: Queryable,
  operator: string,
  which: { key: number } | { except: number | undefined },
  now: Date,
): Promise<number[]> {
  const [only, except] = 'key' in which ? [which.key, null] : [null, which.except ?? null];
  const { rows } = await database.query<{ key: number }>(
    `update console_session set ended_at = $2 where operator = $1 and ended_at is null
       and ($3::int is null or key = $3) and key is distinct from $4 returning key`,
    [operator, now, only, except],
  );
  return rows.map(({ key }) => key);
}
