import { recordAccess } from '../../store/access-events.js';
import {
  findApiToken,
  insertApiToken,
  listApiTokens,
  noteTokenSeen,
  revokeApiToken,
  type ApiTokenSummary,
} from '../../store/api-tokens.js';
import type { SignedInOperator } from '../../store/sessions.js';
import type { Access } from './access.js';
import type { Permission } from './permissions.js';
import { newSecret, secretHash } from './secret.js';

/** By this, programs that look for leaked secrets know one of ours. */
const prefix = 'sealpost_';
const noteEveryMs = 60_000;
const day = 86_400_000;

/** @returns the token, whole: it is shown once and kept nowhere */
export async function makeToken(
  { database, now }: Access,
  operator: string,
  { label, scopes, days }: { label: string; scopes: readonly Permission[]; days: number },
): Promise<string> {
  const token = prefix + newSecret();
  const at = new Date(now());
  const expiresAt = new Date(at.getTime() + days * day);
  const key = await insertApiToken(database, {
    secretHash: secretHash(token),
    operator,
    label,
    scopes,
    now: at,
    expiresAt,
  });
  await recordAccess(database, { at, kind: 'token-made', operator, data: { token: key, label, scopes } });
  return token;
}

/** @param authorization - the request's header */
export async function tokenOf(
  { database, now }: Access,
  authorization: string,
): Promise<{ key: number; operator: SignedInOperator; scopes: string[] } | undefined> {
  const [, token] = /^Bearer (sealpost_[\w-]{43})$/.exec(authorization) ?? [];
  if (token === undefined) return undefined;
  const at = new Date(now());
  const found = await findApiToken(database, secretHash(token), at);
  if (!found) return undefined;
  if (found.seenAt === undefined || at.getTime() - found.seenAt.getTime() >= noteEveryMs)
    await noteTokenSeen(database, found.key, at);
  return { key: found.key, operator: found.operator, scopes: found.scopes };
}

export async function tokensOf({ database, now }: Access, operator: string): Promise<ApiTokenSummary[]> {
  return await listApiTokens(database, operator, new Date(now()));
}

/** @returns false where the operator has no such token */
export async function revokeToken({ database, now }: Access, operator: string, key: number): Promise<boolean> {
  const at = new Date(now());
  const revoked = await revokeApiToken(database, operator, key, at);
  if (revoked) await recordAccess(database, { at, kind: 'token-revoked', operator, data: { token: key } });
  return revoked;
}
