import type { AttemptOutcome, Reason } from '../delivery/message-status.js';
import type { Queryable } from './database.js';
import { ledgerRows, type LedgerFilter, type LedgerRow } from './messages.js';

/** One attempt at a message. */
export interface Attempt {
  /** From 1. */
  number: number;
  /** ISO 8601: when its result came. */
  at: string;
  outcome: AttemptOutcome;
  reason: Reason | null;
  /** As the relay gave it, or what was seen where it said nothing. */
  reply: string | null;
}

/** An attempt, and the message that it was made at. */
export type AttemptRow = Pick<LedgerRow, 'proof' | 'seq' | 'row' | 'seed' | 'address'> & Attempt;

/** What is told of an attempt whose SMTP transcript died with its process. */
export const unheardReply = 'the worker ended before the reply was recorded';

/**
 * SQL: writes down the attempts that nobody has heard the end of.
 *
 * @param messages - rows that were taken out of `sending`; those of them whose last attempt is known already stay as
 *   they are
 */
export const insertUnheardAttempts = (messages: string): string =>
  `insert into attempt (delivery, proof, seq, number, at, outcome, reply)
   select delivery, proof, seq, attempts, now(), 'in-doubt', '${unheardReply}' from ${messages}
   where status = 'in-doubt' or possible_duplicate
   on conflict do nothing`;

interface MessageName {
  proof: number;
  seq: number;
}

/** @returns the attempts at each of some messages in order; nothing for one that was sent at the first */
export async function readAttempts(
  database: Queryable,
  deliveryKey: number,
  messages: readonly MessageName[],
): Promise<(message: MessageName) => Attempt[]> {
  const { rows } = await database.query<MessageName & Omit<Attempt, 'at'> & { at: Date }>(
    `select proof, seq, number, at, outcome, reason, reply from attempt
     where delivery = $1 and (proof, seq) in (select * from unnest($2::int[], $3::int[])) order by proof, seq, number`,
    [deliveryKey, messages.map(({ proof }) => proof), messages.map(({ seq }) => seq)],
  );
  const byMessage = new Map<string, Attempt[]>();
  for (const { proof, seq, at, ...attempt } of rows) {
    const known = byMessage.get(nameOf({ proof, seq })) ?? [];
    byMessage.set(nameOf({ proof, seq }), [...known, { ...attempt, at: at.toISOString() }]);
  }
  return (message) => byMessage.get(nameOf(message)) ?? [];
}

const nameOf = ({ proof, seq }: MessageName): string => `${proof}/${seq}`;

/** Messages whose attempts are read together. */
const pageRows = 1_000;

/** Every attempt at the messages of a filter, message by message; memory does not grow with the delivery. */
export async function* attemptRows(
  database: Queryable,
  deliveryId: string,
  { limit = Infinity, ...filter }: LedgerFilter = {},
): AsyncGenerator<AttemptRow> {
  const { rows } = await database.query<{ key: number }>('select key from delivery where id = $1', [deliveryId]);
  const [delivery] = rows;
  if (!delivery) return;
  let left = limit;
  for await (const page of pagesOf(ledgerRows(database, deliveryId, filter))) {
    const attemptsAt = await readAttempts(database, delivery.key, page);
    for (const message of page) {
      const { proof, seq, row, seed, address } = message;
      for (const attempt of toldBy(message, attemptsAt(message))) {
        if ((left -= 1) < 0) return;
        yield { proof, seq, row, seed, address, ...attempt };
      }
    }
  }
}

/** One that was sent at the first attempt has its story in its own row. */
function toldBy({ status, settledAt, reply }: LedgerRow, attempts: readonly Attempt[]): readonly Attempt[] {
  if (attempts.length > 0 || status !== 'sent' || settledAt === null) return attempts;
  return [{ number: 1, at: settledAt, outcome: 'sent', reason: null, reply }];
}

async function* pagesOf<Row>(rows: AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let page: Row[] = [];
  for await (const row of rows) {
    page.push(row);
    if (page.length < pageRows) continue;
    yield page;
    page = [];
  }
  yield page;
}
