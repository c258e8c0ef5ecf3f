import type { Queryable } from './database.js';

/** What somebody went to the identity provider for. */
export interface ProviderSignIn {
  /** A path of ours, to go on to. */
  next: string;
  /** Whose session asks for a fresh sign-in. */
  operator?: string;
  /** SHA-256 of the link that is to connect its operator. */
  invitation?: Buffer;
  begunAt: Date;
}

/** Keeps one, and forgets those that came to nothing. */
export async function insertProviderSignIn(
  database: Queryable,
  secretHash: Buffer,
  { next, operator, invitation, begunAt, expiresAt }: ProviderSignIn & { expiresAt: Date },
): Promise<void> {
  await database.query('delete from provider_sign_in where expires_at <= $1', [begunAt]);
  await database.query(
    `insert into provider_sign_in (secret_hash, next, operator, invitation, begun_at, expires_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [secretHash, next, operator ?? null, invitation ?? null, begunAt, expiresAt],
  );
}

/** Of several who come back with the same answer, one gets it. */
export async function takeProviderSignIn(
  database: Queryable,
  secretHash: Buffer,
  now: Date,
): Promise<ProviderSignIn | undefined> {
  const { rows } = await database.query<{
    next: string;
    operator: string | null;
    invitation: Buffer | null;
    begun_at: Date;
    open: boolean;
  }>(
    `delete from provider_sign_in where secret_hash = $1
     returning next, operator, invitation, begun_at, expires_at > $2 as open`,
    [secretHash, now],
  );
  const [row] = rows;
  if (!row?.open) return undefined;
  const { next, operator, invitation, begun_at: begunAt } = row;
  return { next, begunAt, ...(operator !== null && { operator }), ...(invitation !== null && { invitation }) };
}
