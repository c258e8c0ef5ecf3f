import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { demandOwner, grantToApplication } from './application-role.js';
import { chainOldEntries } from './chain-old-entries.js';
import { inTransaction, openDatabase, type Database } from './database.js';

/** From `src/store` and from `dist/src/store` alike: migrations are read from the package, not compiled. */
const migrationsFolder = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../../../src/store/migrations' : './migrations', import.meta.url),
);

/**
 * Brings the schema up to date; safe to repeat and to run from several places at once (advisory lock).
 *
 * @param ownerUrl - the database by the role that owns the tables, or is to own them
 * @param applicationUrl - the same by the role of worker, client and web, which is given its rights; that of the owner
 *   where they are one
 * @returns names of the migrations that were applied now
 */
export async function migrate(ownerUrl: string, applicationUrl = ownerUrl): Promise<string[]> {
  const role = await connected(applicationUrl, roleOf);
  const owner = await connected(ownerUrl, async (database) => {
    await demandOwner(database);
    return await roleOf(database);
  });
  const done = await runner({
    databaseUrl: ownerUrl,
    dir: migrationsFolder,
    direction: 'up',
    migrationsTable: 'schema_migration',
    singleTransaction: true,
    // Several workers starting together wait for one another.
    advisoryLockMode: 'wait',
    log: () => undefined,
  });
  await connected(ownerUrl, (database) =>
    inTransaction(database, async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtext('sealpost migrate'))`);
      await chainOldEntries(tx);
      if (role !== owner) await grantToApplication(tx, role);
    }),
  );
  return done.map((migration) => migration.name);
}

async function roleOf(database: Database): Promise<string> {
  const { rows } = await database.query<{ role: string }>('select current_user as role');
  return rows[0]?.role ?? '';
}

async function connected<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = openDatabase(url, 1);
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}
