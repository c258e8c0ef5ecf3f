import type { Queryable } from './database.js';

/** A request that its caller has named. */
export interface NamedRequest {
  operator: string;
  key: string;
  /** SHA-256 of what is asked. */
  digest: Buffer;
}

export interface KeptAnswer {
  status: number;
  /** As it was sent. */
  text: string;
}

/** Where a named request stands: it is to be carried out, or why not. */
export type Claim = { command: string } | { answer: KeptAnswer } | 'under-way' | 'other-request';

interface Instants {
  now: Date;
  /** Until then nobody else carries it out. */
  busyUntil: Date;
  /** What is older is forgotten. */
  forgetBefore: Date;
}

/**
 * Takes a request up, where nobody has yet, or whoever did was killed: then under the name that its command has already.
 */
export async function claimRequest(
  database: Queryable,
  { operator, key, digest }: NamedRequest,
  { now, busyUntil, forgetBefore }: Instants,
): Promise<Claim> {
  await database.query('delete from idempotent_request where made_at < $1', [forgetBefore]);
  const { rows: claimed } = await database.query<{ command: string }>(
    `insert into idempotent_request (operator, key, digest, made_at, busy_until) values ($1, $2, $3, $4, $5)
     on conflict (operator, key) do update set busy_until = $5
       where idempotent_request.digest = $3 and idempotent_request.status is null and idempotent_request.busy_until <= $4
     returning command`,
    [operator, key, digest, now, busyUntil],
  );
  if (claimed[0]) return { command: claimed[0].command };
  const { rows } = await database.query<{ same: boolean; status: number | null; answer: string | null }>(
    'select digest = $3 as same, status, answer from idempotent_request where operator = $1 and key = $2',
    [operator, key, digest],
  );
  const [found] = rows;
  if (found?.same === false) return 'other-request';
  if (!found || found.status === null || found.answer === null) return 'under-way';
  return { answer: { status: found.status, text: found.answer } };
}

export async function keepAnswer(
  database: Queryable,
  { operator, key }: NamedRequest,
  { status, text }: KeptAnswer,
): Promise<void> {
  await database.query('update idempotent_request set status = $3, answer = $4 where operator = $1 and key = $2', [
    operator,
    key,
    status,
    text,
  ]);
}

/** Nothing was done: under this key anything may be asked again. */
export async function forgetRequest(database: Queryable, { operator, key }: NamedRequest): Promise<void> {
  await database.query('delete from idempotent_request where operator = $1 and key = $2 and status is null', [
    operator,
    key,
  ]);
}

/** Nobody knows whether it was done: it may be asked once more, at once, and has the command's name then. */
export async function freeRequest(database: Queryable, { operator, key }: NamedRequest, now: Date): Promise<void> {
  await database.query(
    'update idempotent_request set busy_until = $3 where operator = $1 and key = $2 and status is null',
    [operator, key, now],
  );
}
