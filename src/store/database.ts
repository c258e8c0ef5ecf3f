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
 * For {@link exchangeMessages} alone. Left to itself, Postgres may plan that statement anew each time, by what it guesses
 * that planning costs: more than half of what a group of claims costs it then.
 */
export function openLedger(url: string, connections: number): Database {
  return openDatabase(url, connections, '-c plan_cache_mode=force_generic_plan');
}

/** Runs `work` in one transaction: all of it is committed, or nothing. A kill before COMMIT leaves nothing behind. */
export async function inTransaction<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const tx = await database.connect();
  let broken: Error | undefined;
  tx.on('error', onError);
  try {
    await tx.query('begin');
    const result = await work(tx);
    await tx.query('commit');
    return result;
  } catch (error) {
    await tx.query('rollback').catch(onError);
    throw error;
  } finally {
    tx.off('error', onError);
    tx.release(broken);
  }

  function onError(error: Error): void {
    broken = error;
  }
}
