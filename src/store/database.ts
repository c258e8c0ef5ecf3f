import { setTimeout as delay } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';

export type Database = Pool;
export type Transaction = PoolClient;
export type Queryable = Pick<Pool, 'query'>;

/**
 * @param url - `postgres://user:password@host:port/database`
 * @param connections - the most that are open at once
 * @param settings - of the server's, for each connection's session
 */
export function openDatabase(url: string, connections = 10, settings = ''): Database {
  const database = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 5_000,
    application_name: 'sealpost',
    options: settings,
  });
  // An idle connection that the server drops is replaced at the next query, which reports what is wrong.
  database.on('error', () => undefined);
  return database;
}

/**
 * For {@link exchangeMessages}. Left to itself, Postgres may plan that statement anew each time, by what it guesses
 * that planning costs: more than half of what a group of claims costs it then. And for one row of a small table it would
 * make a bitmap.
 */
export function openLedger(url: string, connections: number): Database {
  return openDatabase(url, connections, '-c plan_cache_mode=force_generic_plan -c enable_bitmapscan=off');
}

/** Rows from which on a bad plan would be felt. */
const worthAnalysing = 1_000;

/** Renews what the planner knows of a table, by a function with its owner's rights: others may not. */
export async function renewStatistics(database: Queryable, table: string): Promise<void> {
  await database.query('select renew_statistics($1)', [table]);
}

/** The same where so many rows have come into it that it is worth it. */
export async function analyseAfter(database: Queryable, table: string, rows: number): Promise<void> {
  if (rows >= worthAnalysing) await renewStatistics(database, table);
}

/**
 * Runs `work` in one transaction: all of it is committed, or nothing. A kill before COMMIT leaves nothing behind.
 *
 * @param signal - aborted, it ends the statement that is under way, and the transaction
 */
export async function inTransaction<T>(
  database: Database,
  work: (tx: Transaction) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const tx = await database.connect();
  let broken: Error | undefined;
  tx.on('error', onError);
  let watch: Awaited<ReturnType<typeof cancelWhen>> | undefined;
  try {
    await tx.query('begin');
    watch = signal && (await cancelWhen(signal, database, tx));
    const result = await work(tx);
    await watch?.end();
    await tx.query('commit');
    return result;
  } catch (error) {
    // Before the rollback: a cancellation on its way would end that, or whatever the connection does next.
    await watch?.end();
    await tx.query('rollback').catch(onError);
    signal?.throwIfAborted();
    throw error;
  } finally {
    tx.off('error', onError);
    tx.release(broken);
  }

  function onError(error: Error): void {
    broken = error;
  }
}

const cancelAgainMs = 200;

/**
 * Cancels what the transaction's session does, again and again: between two of its statements there is nothing to cancel.
 *
 * @returns `end` resolves when nothing can be cancelled any more
 */
async function cancelWhen(
  signal: AbortSignal,
  database: Database,
  tx: Transaction,
): Promise<{ end: () => Promise<void> }> {
  const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
  signal.throwIfAborted();
  const over = new AbortController();
  let cancelled: Promise<unknown> = Promise.resolve();
  const cancel = (): void => {
    cancelled = (async () => {
      while (!over.signal.aborted) {
        await database.query('select pg_cancel_backend($1)', [rows[0]?.pid]).catch(() => undefined);
        await delay(cancelAgainMs, undefined, { signal: over.signal }).catch(() => undefined);
      }
    })();
  };
  signal.addEventListener('abort', cancel);
  return {
    end: async () => {
      over.abort();
      signal.removeEventListener('abort', cancel);
      await cancelled;
    },
  };
}
