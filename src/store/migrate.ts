import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

/** From `src/store` and from `dist/src/store` alike: migrations are read from the package, not compiled. */
const migrationsFolder = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../../../src/store/migrations' : './migrations', import.meta.url),
);

/**
 * Brings the schema up to date; safe to repeat and to run from several places at once (advisory lock).
 *
 * @returns names of the migrations that were applied now
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const done = await runner({
    databaseUrl,
    dir: migrationsFolder,
    direction: 'up',
    migrationsTable: 'schema_migration',
    singleTransaction: true,
    // Several workers starting together wait for one another.
    advisoryLockMode: 'wait',
    log: () => undefined,
  });
  return done.map((migration) => migration.name);
}
