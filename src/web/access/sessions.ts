import { recordAccess } from '../../store/access-events.js';
import {
  endSessions,
  findSession,
  insertSession,
  listSessions,
  noteSessionSeen,
  takeConfirmation,
  type SessionSummary,
  type SignedInOperator,
} from '../../store/sessions.js';
import type { Access } from './access.js';
import { newSecret, secretHash } from './secret.js';

/** A session ends when nobody has used it for so long, and at the end of a day in any case. */
export const sessionLimits = { idleMs: 8 * 3_600_000, longestMs: 24 * 3_600_000 } as const;
/** So long a fresh sign-in stands for the act that asked for it. */
const confirmedMs = 5 * 60_000;
/** So seldom it is written down that a session is in use. */
const noteEveryMs = 60_000;

/** A session of the request that is being answered. */
export interface Session {
  key: number;
  /** What its cookie holds. */
  secret: string;
  operator: SignedInOperator;
  /** Its operator has signed in at the provider just now, for one act. */
  confirmed: boolean;
}

/** Since when a session must have been seen. */
export function instants(now: number): { now: Date; idleSince: Date } {
  return { now: new Date(now), idleSince: new Date(now - sessionLimits.idleMs) };
}

/** @returns the secret for its cookie */
export async function beginSession(
  { database, now }: Access,
  operator: string,
  browser: string,
  confirmed = false,
): Promise<string> {
  const secret = newSecret();
  const at = now();
  await insertSession(database, {
    secretHash: secretHash(secret),
    operator,
    browser,
    now: new Date(at),
    expiresAt: new Date(at + sessionLimits.longestMs),
    confirmed,
  });
  return secret;
}

/**
 * @param inUse - by a person: it is written down
 * @returns undefined for what is no session, or none any more
 */
export async function sessionOf({ database, now }: Access, secret: string, inUse = true): Promise<Session | undefined> {
  const at = now();
  const found = await findSession(database, secretHash(secret), instants(at));
  if (!found) return undefined;
  if (inUse && at - found.seenAt.getTime() >= noteEveryMs) await noteSessionSeen(database, found.key, new Date(at));
  const confirmed = found.confirmedAt !== undefined && at - found.confirmedAt.getTime() < confirmedMs;
  return { key: found.key, secret, operator: found.operator, confirmed };
}

/** Uses up that the session's operator has signed in just now. */
export async function useConfirmation({ database, now }: Access, { key }: Session): Promise<boolean> {
  return await takeConfirmation(database, key, new Date(now() - confirmedMs));
}

/**
 * Begins the session of who has shown to be an operator. The one that the browser had before ends: its secret may be known
 * to others.
 *
 * @returns the secret for its cookie
 */
export async function signInAs(
  access: Access,
  operator: string,
  {
    browser,
    before,
    provider,
    confirmed = false,
  }: {
    browser: string;
    before: Session | undefined;
    /** Issuer, where it was not a password. */
    provider?: string;
    confirmed?: boolean;
  },
): Promise<string> {
  if (before) {
    const { id } = before.operator;
    await endSessionsOf(access, id, before, { by: id, kind: 'signed-out' });
  }
  const secret = await beginSession(access, operator, browser, confirmed);
  const at = new Date(access.now());
  const data = { browser, ...(provider !== undefined && { provider }), ...(confirmed && { fresh: true }) };
  await recordAccess(access.database, { at, kind: 'signed-in', operator, data });
  return secret;
}

export async function sessionsOf({ database, now }: Access, operator: string): Promise<SessionSummary[]> {
  return await listSessions(database, operator, instants(now()));
}

/** Ends one of an operator's sessions, or all but one. @returns how many */
export async function endSessionsOf(
  { database, now }: Access,
  operator: string,
  which: { key: number } | { except: number | undefined },
  { by, kind }: { by: string; kind: 'signed-out' | 'session-ended' },
): Promise<number> {
  const at = new Date(now());
  const ended = await endSessions(database, operator, which, at);
  for (const session of ended) {
    await recordAccess(database, { at, operator, kind, ...(by !== operator && { by }), data: { session } });
  }
  return ended.length;
}
