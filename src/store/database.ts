import { Pool, type PoolClient } from 'pg';

export type Database = Pool;
export type Transaction = PoolClient;
export type Queryable = Pick<Pool, 'query'>;

/**
 * @param url - `postgres://user:password@host:port/database`
 * @param connections - the most that are open at once
 */
export function openDatabase(url: string, connections = 10): Database {
  const database = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 5_000,
    application_name: 'sealpost',
  });
  // An idle connection that the server drops is replaced at the next query, which reports what is wrong.
  database.on('error', () => undefined);
  return database;
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
