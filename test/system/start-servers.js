import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, dataFolder } from '../../dist/src/local/data-folder.js';
import { obtainTemporal } from '../../dist/src/local/obtain-temporal.js';
import { startPostgresServer } from '../../dist/src/local/postgres-server.js';
import { startTemporalServer } from '../../dist/src/local/temporal-server.js';

const report = (text) => process.stderr.write(`${text}\n`);

/**
 * Starts the real servers once for all system tests, from the build that users run. Each test file takes a database and
 * a namespace of its own on them.
 */
export default async function startServers() {
  const path = await mkdtemp(join(tmpdir(), 'sealpost-test-'));
  // Postgres runs as an unprivileged user where the tests run as root.
  await chmod(path, 0o755);
  const folder = dataFolder({ ...process.env, SEALPOST_HOME: path });
  const { signal } = new AbortController();
  const binary = await obtainTemporal({ env: process.env, cacheFolder: cacheFolder(process.env), report, signal });
  const postgres = await startPostgresServer({ folder, report, signal });
  const temporal = await startTemporalServer({ binary: binary.path, folder, namespace: 'default', report, signal });
  process.env.TEST_TEMPORAL_ADDRESS = temporal.address;
  process.env.TEST_TEMPORAL_CLI = binary.path;
  process.env.TEST_DATABASE_URL = postgres.databaseUrl;
  process.env.TEST_MIGRATE_URL = postgres.migrateUrl;
  globalThis.stopServers = async () => {
    await temporal.stop();
    await postgres.stop();
    await rm(path, { recursive: true, force: true });
  };
}
