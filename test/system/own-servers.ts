import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFolder } from '../../src/local/data-folder.js';
import { startPostgresServer } from '../../src/local/postgres-server.js';
import { startTemporalServer } from '../../src/local/temporal-server.js';
import type { ServerAddresses } from './environment.js';

export type Server = 'temporal' | 'postgres';

/** A Temporal server and a Postgres for one test file alone, which may kill them. */
export interface OwnServers extends ServerAddresses {
  /** SIGKILL, at once. @returns when the server that took its place is ready */
  kill: (server: Server) => Promise<void>;
  /** SIGSTOP, to the server and all of its processes. */
  freeze: (server: Server) => void;
  /** SIGCONT. */
  thaw: (server: Server) => void;
  stop: () => Promise<void>;
}

export async function startOwnServers(): Promise<OwnServers> {
  const path = await mkdtemp(join(tmpdir(), 'sealpost-restarts-'));
  // Postgres runs as an unprivileged user where the tests run as root.
  await chmod(path, 0o755);
  const folder = dataFolder({ SEALPOST_HOME: path });
  const { signal } = new AbortController();
  const told = new EventEmitter();
  const telling = (server: Server) => (text: string) => told.emit(`${server}: ${text}`);
  // The servers of the run have obtained it.
  const binary = process.env['TEST_TEMPORAL_CLI'] ?? 'temporal';
  const postgres = await startPostgresServer({ folder, report: telling('postgres'), signal });
  const temporal = await startTemporalServer({
    binary,
    folder,
    namespace: 'default',
    report: telling('temporal'),
    signal,
  });
  const pidOf = (server: Server): number =>
    (JSON.parse(readFileSync(folder.runFile, 'utf8')) as Record<Server, { pid: number }>)[server].pid;
  return {
    temporalAddress: temporal.address,
    databaseUrl: postgres.databaseUrl,
    migrateUrl: postgres.migrateUrl,
    kill: async (server) => {
      const again = once(told, `${server}: runs again`);
      process.kill(pidOf(server), 'SIGKILL');
      await again;
    },
    // The parent first: it must not start another one meanwhile.
    freeze: (server) => [pidOf(server), ...childrenOf(pidOf(server))].forEach((pid) => process.kill(pid, 'SIGSTOP')),
    thaw: (server) => [...childrenOf(pidOf(server)), pidOf(server)].forEach((pid) => process.kill(pid, 'SIGCONT')),
    stop: async () => {
      await temporal.stop();
      await postgres.stop();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Postgres has a process for each session. */
function childrenOf(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    // It has none.
    return [];
  }
}
