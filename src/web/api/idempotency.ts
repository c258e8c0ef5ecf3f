import { createHash, randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import {
  claimRequest,
  forgetRequest,
  freeRequest,
  keepAnswer,
  type KeptAnswer,
} from '../../store/idempotent-requests.js';
import { statusOfClientError } from '../error-status.js';
import type { Access } from '../access/access.js';
import { ApiError, problemOf } from './problem.js';

/** So long an answer is kept. */
const keptMs = 24 * 3_600_000;
/** A request that has no answer after so long is taken to have died with its process. */
const busyMs = 60_000;

/** What came of a request: the answer, and whether it is that of an earlier one. */
export interface Outcome extends KeptAnswer {
  replayed: boolean;
}

/** @throws ApiError for a header that is no key */
export function idempotencyKeyOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new ApiError(
    422,
    'REQUEST_INVALID',
    'Idempotency-Key must be 1–255 visible characters of ASCII, such as a UUID.',
  );
}

/** What is asked, whole: method, address and body. */
export function digestOf(
  { method, url, body }: Pick<FastifyRequest, 'method' | 'url' | 'body'>,
  upload?: Buffer,
): Buffer {
  const asked = [method, url, upload?.toString('hex') ?? body ?? null];
  return createHash('sha256').update(JSON.stringify(asked)).digest();
}

/**
 * Carries a request out once, however often it is made under its key.
 *
 * A kill before the claim is committed leaves nothing. After it, and before the answer is kept, a command may have been
 * given or not: after a minute the same request carries it out again, under the command's name that was stored with the
 * claim, and the delivery counts a command of one name once and gives the verdict that it gave. What is no command of a
 * delivery's can be repeated by itself: a start with the same definition, entries of lists, operators' particulars. After
 * the answer is kept, it is given again.
 *
 * @param key - without one, it is carried out as often as it comes
 */
export async function carriedOutOnce(
  { database, now }: Access,
  { key, operator, digest }: { key: string | undefined; operator: string; digest: () => Buffer },
  carryOut: (commandId: string) => Promise<KeptAnswer>,
): Promise<Outcome> {
  if (key === undefined) return { ...(await carryOut(randomUUID())), replayed: false };
  const at = now();
  const named = { operator, key, digest: digest() };
  const claim = await claimRequest(database, named, {
    now: new Date(at),
    busyUntil: new Date(at + busyMs),
    forgetBefore: new Date(at - keptMs),
  });
  if (claim === 'other-request')
    throw new ApiError(422, 'IDEMPOTENCY_KEY_REUSED', 'Another request was made under this Idempotency-Key.');
  if (claim === 'under-way')
    throw new ApiError(409, 'IDEMPOTENCY_KEY_BUSY', 'The request under this Idempotency-Key is being carried out.');
  if ('answer' in claim) return { ...claim.answer, replayed: true };
  try {
    const answer = await carryOut(claim.command);
    await keepAnswer(database, named, answer);
    return { ...answer, replayed: false };
  } catch (error) {
    const status = statusOfClientError(error) ?? (error instanceof ApiError ? error.status : 500);
    if (status === 409) {
      const answer = { status, text: JSON.stringify(problemOf(error, status)) };
      await keepAnswer(database, named, answer);
      return { ...answer, replayed: false };
    }
    await (status < 500 ? forgetRequest(database, named) : freeRequest(database, named, new Date(now()))).catch(
      // The claim stands then, until its minute is over: what is to be told is the error.
      () => undefined,
    );
    throw error;
  }
}
