import type { Queryable } from './database.js';
import type { SignedInOperator } from './sessions.js';

export interface ApiTokenSummary {
  key: number;
  label: string;
  scopes: string[];
  /** ISO 8601, all of them. */
  madeAt: string;
  expiresAt: string;
  seenAt?: string;
}

/** @returns its key */
export async function insertApiToken(
  database: Queryable,
  token: { secretHash: Buffer; operator: string; label: string; scopes: readonly string[]; now: Date; expiresAt: Date },
): Promise<number> {
  const { rows } = await database.query<{ key: number }>(
    `insert into api_token (secret_hash, operator, label, scopes, made_at, expires_at)
     values ($1, $2, $3, $4, $5, $6) returning key`,
    [token.secretHash, token.operator, token.label, token.scopes, token.now, token.expiresAt],
  );
  return rows[0]?.key ?? 0;
}

/** Of these tokens the ones that still hold, with what their operators are now. */
export async function openApiTokens(
  database: Queryable,
  keys: readonly number[],
  now: Date,
): Promise<Map<number, { roles: string[]; scopes: string[] }>> {
  const { rows } = await database.query<{ key: number; roles: string[]; scopes: string[] }>(
    `select t.key, o.roles, t.scopes from api_token t join operator o on o.id = t.operator
     where t.key = any($1) and o.active and t.revoked_at is null and t.expires_at > $2`,
    [keys, now],
  );
  return new Map(rows.map(({ key, ...held }) => [key, held]));
}

/** @returns undefined for one that has expired or was revoked, or whose operator is disabled */
export async function findApiToken(
  database: Queryable,
  secretHash: Buffer,
  now: Date,
): Promise<{ key: number; operator: SignedInOperator; scopes: string[]; seenAt?: Date } | undefined> {
  const { rows } = await database.query<SignedInOperator & { key: number; scopes: string[]; seen_at: Date | null }>(
    `select t.key, t.scopes, t.seen_at, o.id, o.name, o.roles from api_token t join operator o on o.id = t.operator
     where t.secret_hash = $1 and o.active and t.revoked_at is null and t.expires_at > $2`,
    [secretHash, now],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { key, scopes, seen_at: seenAt, ...operator } = row;
  return { key, operator, scopes, ...(seenAt !== null && { seenAt }) };
}

export async function noteTokenSeen(database: Queryable, key: number, now: Date): Promise<void> {
  await database.query('update api_token set seen_at = $2 where key = $1', [key, now]);
}

/** Those that work, the newest first. */
export async function listApiTokens(database: Queryable, operator: string, now: Date): Promise<ApiTokenSummary[]> {
  const { rows } = await database.query<{
    key: number;
    label: string;
    scopes: string[];
    made_at: Date;
    expires_at: Date;
    seen_at: Date | null;
  }>(
    `select key, label, scopes, made_at, expires_at, seen_at from api_token
     where operator = $1 and revoked_at is null and expires_at > $2 order by key desc`,
    [operator, now],
  );
  return rows.map(({ key, label, scopes, made_at, expires_at, seen_at }) => ({
    key,
    label,
    scopes,
    madeAt: made_at.toISOString(),
    expiresAt: expires_at.toISOString(),
    ...(seen_at && { seenAt: seen_at.toISOString() }),
  }));
}

/** @returns false where the operator has no such token */
export async function revokeApiToken(database: Queryable, operator: string, key: number, now: Date): Promise<boolean> {
  const { rowCount } = await database.query(
    'update api_token set revoked_at = $3 where operator = $1 and key = $2 and revoked_at is null',
    [operator, key, now],
  );
  return rowCount === 1;
}
