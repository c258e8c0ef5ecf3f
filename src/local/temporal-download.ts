import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Brings Temporal's CLI into a folder.
 *
 * @param report - hears how far it is
 * @returns the path of the program
 * @throws Error when it cannot be had this way
 */
export type FetchTemporal = (folder: string, report: (text: string) => void, signal: AbortSignal) => Promise<string>;

/**
 * The SDK downloads the CLI only to start it: a process of its own does that, and can be ended at any moment without
 * leaving threads or a server in ours.
 *
 * @param version - e.g. `v1.8.2`
 * @param testing - the module to ask, the SDK's
 * @param stalledMs - given up when this long nothing arrived
 */
export function sdkDownload(
  version: string,
  testing = createRequire(import.meta.url).resolve('@temporalio/testing'),
  stalledMs = 20_000,
): FetchTemporal {
  return async (folder, report, signal) => {
    await runDownloader([testing, folder, version], { folder, report, signal, stalledMs });
    // The name is the SDK's affair; what is under way has this ending.
    const name = readdirSync(folder).find((file) => !file.endsWith('.downloading'));
    if (name === undefined) throw new Error('the SDK ended without leaving the program');
    return join(folder, name);
  };
}

const downloader = `
  const [testing, downloadDir, version] = process.argv.slice(1);
  require(testing).TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', downloadDir, version } } })
    .then((environment) => environment.teardown())
    .catch((error) => { process.stderr.write(String(error.message)); process.exitCode = 1; });
`;

interface Watch {
  folder: string;
  report: (text: string) => void;
  signal: AbortSignal;
  stalledMs: number;
}

function runDownloader(args: readonly string[], { folder, report, signal, stalledMs }: Watch): Promise<void> {
  return new Promise((resolve, reject) => {
    // A group of its own: what it started ends with it.
    const child = spawn(process.execPath, ['-e', downloader, '--', ...args], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-2_000)));
    const end = () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    };
    let problem: Error | undefined;
    let [seen, since] = [0, Date.now()];
    const watch = setInterval(
      () => {
        const size = folderSize(folder);
        if (size > seen) {
          [seen, since] = [size, Date.now()];
          report(`downloading Temporal's server: ${Math.round(size / 1_000_000)} MB`);
        } else if (Date.now() - since > stalledMs) {
          problem = new Error(`nothing arrived for ${stalledMs / 1_000} s`);
          end();
        }
      },
      Math.min(1_000, stalledMs),
    );
    signal.addEventListener('abort', end);
    const settle = (error: Error | undefined) => {
      clearInterval(watch);
      signal.removeEventListener('abort', end);
      if (error) reject(error);
      else resolve();
    };
    child.once('error', settle);
    child.once('close', (code) =>
      settle(problem ?? (code === 0 ? undefined : new Error(withoutEcho(said) || 'it was ended'))),
    );
  });
}

// The SDK's errors repeat those that caused them.
const withoutEcho = (text: string): string => [...new Set(text.trim().split(': '))].join(': ');

// The SDK renames its file when it is complete, perhaps between our two looks.
function folderSize(folder: string): number {
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}
