import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Servers } from './servers.js';

const cli = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** The console as users run it, in a process of its own. */
export interface BenchConsole {
  pid: number;
  url: string;
  stop: () => Promise<void>;
}

export async function startConsoleProcess(
  { databaseUrl, temporalAddress }: Servers,
  { home, log, port }: { home: string; log: string; port: number },
): Promise<BenchConsole> {
  const file = openSync(log, 'a');
  const child = spawn(process.execPath, [cli, 'console', '--port', String(port), '--json'], {
    // Nothing of the caller's environment: other servers may be named there.
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      SEALPOST_HOME: home,
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporalAddress,
    },
    stdio: ['ignore', 'pipe', file],
  });
  closeSync(file);
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  for await (const line of child.stdout ? createInterface({ input: child.stdout }) : []) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) return { pid: child.pid ?? 0, url, stop };
  }
  throw new Error(`the console has ended:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
}
