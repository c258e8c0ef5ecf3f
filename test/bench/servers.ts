import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { Pool } from 'pg';
import { z } from 'zod';
import { prepareServers } from '../../src/cli/prepare-servers.js';
import { cacheFolder, type DataFolder } from '../../src/local/data-folder.js';
import { obtainTemporal } from '../../src/local/obtain-temporal.js';
import { startPostgresServer } from '../../src/local/postgres-server.js';
import { startTemporalServer } from '../../src/local/temporal-server.js';
import type { Cleanup } from './cleanup.js';
import type { WatchedProcess } from './process-usage.js';

/** The servers of one benchmark, in its own folder. */
export interface Servers {
  temporalAddress: string;
  databaseUrl: string;
  /** By its owner. */
  database: Pool;
  processes: WatchedProcess[];
  /** Where the ledger's files are is no disk but memory: then a commit costs less than it should. */
  inMemory: boolean;
}

/** @throws Error when Postgres would not write what it commits to the disk */
export async function startServers(
  folder: DataFolder,
  cleanup: Cleanup,
  report: (text: string) => void,
  signal: AbortSignal,
): Promise<Servers> {
  const { env } = process;
  const binary = await obtainTemporal({ env, cacheFolder: cacheFolder(env), report, signal });
  const postgres = await cleanup.started(startPostgresServer({ folder, report, signal }));
  const { databaseUrl, migrateUrl } = postgres;
  const temporal = await cleanup.started(
    startTemporalServer({ binary: binary.path, folder, namespace: 'default', report, signal }),
  );
  await prepareServers({ databaseUrl, migrateUrl, temporalAddress: temporal.address });
  const database = new Pool({ connectionString: migrateUrl, max: 2 });
  database.on('error', () => undefined);
  cleanup.add(() => database.end());
  await demandDurability(database);
  return {
    temporalAddress: temporal.address,
    databaseUrl,
    database,
    processes: processesOf(folder),
    inMemory: await isInMemory(folder.postgres),
  };
}

/** A ledger that a power cut can empty is fast, and no ledger. */
async function demandDurability(database: Pool): Promise<void> {
  for (const setting of ['fsync', 'synchronous_commit']) {
    const { rows } = await database.query<{ value: string }>('select current_setting($1) as value', [setting]);
    if (rows[0]?.value !== 'on') throw new Error(`Postgres has ${setting} = ${rows[0]?.value}; it must be on`);
  }
}

const recorded = z.object({ temporal: z.object({ pid: z.int() }), postgres: z.object({ pid: z.int() }) });

function processesOf(folder: DataFolder): WatchedProcess[] {
  const { temporal, postgres } = recorded.parse(JSON.parse(readFileSync(folder.runFile, 'utf8')));
  return [
    { name: 'postgres', pid: postgres.pid, children: true },
    { name: 'temporal', pid: temporal.pid, children: true },
  ];
}

/** TMPFS_MAGIC and RAMFS_MAGIC of linux/magic.h. */
const memoryFileSystems = [0x01021994, 0x858458f6];

async function isInMemory(path: string): Promise<boolean> {
  return memoryFileSystems.includes((await statfs(path)).type);
}
