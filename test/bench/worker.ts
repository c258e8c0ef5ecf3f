import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { workerMemoryEnv, workerNodeFlags, workerReadyLine } from '../../src/local/worker-process.js';
import type { Servers } from './servers.js';

const cli = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** A worker as users run it, in a process of its own or in several. */
export interface BenchWorker {
  pid: number;
  /** Rejects, with the end of its log, when it ends before it was told to. */
  failure: Promise<never>;
  stop(): Promise<void>;
}

export interface BenchWorkerOptions {
  home: string;
  log: string;
  processes: number;
  /** Relays and keys, as `sealpost worker` takes them from its environment. */
  env: Readonly<Record<string, string>>;
  /** Folder for a CPU profile of each process. */
  profile?: string;
}

export async function startWorker(servers: Servers, options: BenchWorkerOptions): Promise<BenchWorker> {
  const log = openSync(options.log, 'a');
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const processes = options.processes === 1 ? [] : ['--processes', String(options.processes)];
  const child = spawn(process.execPath, [...workerNodeFlags, ...profiling, cli, 'worker', ...processes], {
    // Nothing of the caller's environment: other relays and servers may be named there.
    env: {
      ...workerMemoryEnv,
      PATH: process.env['PATH'],
      HOME: options.home,
      SEALPOST_HOME: options.home,
      SEALPOST_LIFELINE: 'stdin',
      DATABASE_URL: servers.databaseUrl,
      TEMPORAL_ADDRESS: servers.temporalAddress,
      ...options.env,
    },
    stdio: ['pipe', 'pipe', log],
  });
  closeSync(log);
  let stopping = false;
  const exited = once(child, 'exit');
  const failure = exited.then((): never => {
    if (stopping) return undefined as never;
    throw new Error(`the worker has ended:\n${readFileSync(options.log, 'utf8').slice(-2_000)}`);
  });
  failure.catch(() => undefined);
  const stop = async (): Promise<void> => {
    stopping = true;
    // The end of its lifeline is what tells it to finish and go.
    child.stdin?.end();
    await exited;
  };
  try {
    await Promise.race([ready(child), failure]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, failure, stop };
}

async function ready(child: ChildProcess): Promise<void> {
  if (!child.stdout) return;
  for await (const line of createInterface({ input: child.stdout })) if (line === workerReadyLine) return;
}
