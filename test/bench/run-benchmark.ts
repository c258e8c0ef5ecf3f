import { Cleanup } from './cleanup.js';

export const report = (text: string): void => void process.stderr.write(`${text}\n`);

/**
 * Runs a benchmark until it ends or somebody interrupts it, and removes what it has started.
 *
 * @param run - starts no more once the signal is aborted
 */
export async function runBenchmark(run: (cleanup: Cleanup, signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const cleanup = new Cleanup();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort(new Error('stopped')));
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error));
  });
  try {
    await Promise.race([run(cleanup, stop.signal), stopped]);
  } finally {
    report('cleaning up');
    await cleanup.run(report);
  }
}
