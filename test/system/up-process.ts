import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

/** `sealpost up` in a data folder of its own, and other commands beside it. */
export interface UpProcess {
  readonly home: string;
  /** Does not wait until it is ready. */
  begin: () => void;
  /** Waits for a line of its output. */
  says: (text: string) => Promise<void>;
  /** Waits for its end. @returns exit code */
  end: (signal: NodeJS.Signals) => Promise<number | null>;
  sealpost: (...args: string[]) => Promise<string>;
  /** Ends it and removes the folder. */
  close: () => Promise<void>;
}

export async function openUp(): Promise<UpProcess> {
  const home = await mkdtemp(join(tmpdir(), 'sealpost-home-'));
  // Postgres runs as an unprivileged user where the tests run as root.
  await chmod(home, 0o755);
  const env = { ...process.env, SEALPOST_HOME: home };
  // From another folder than the repository's: nothing may depend on where it is started.
  const where = { env, cwd: tmpdir() };
  let up: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (!up) return null;
    if (up.exitCode === null && up.signalCode === null) {
      up.kill(signal);
      await once(up, 'exit');
    }
    return up.exitCode;
  };
  return {
    home,
    begin: () => {
      up = spawn(process.execPath, [main, 'up'], { ...where, stdio: ['ignore', 'pipe', 'inherit'] });
    },
    says: async (text) => {
      if (!up?.stdout) throw new Error('up was not started');
      const lines = createInterface({ input: up.stdout });
      for await (const line of lines) {
        if (!line.includes(text)) continue;
        up.stdout.resume();
        return;
      }
      throw new Error(`up ended before it said "${text}"`);
    },
    end,
    sealpost: async (...args) => (await promisify(execFile)(process.execPath, [main, ...args], where)).stdout,
    close: async () => {
      await end('SIGTERM');
      await rm(home, { recursive: true, force: true });
    },
  };
}
