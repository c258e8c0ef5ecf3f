import { setTimeout as sleep } from 'node:timers/promises';
import type { DetachedProcess } from './detached-process.js';

/** What is kept running: a process. */
export type RunningPart = Pick<DetachedProcess, 'exited' | 'stop' | 'logFile'>;

/** A part that is started again whenever it ends by itself. */
export interface KeptRunning {
  stop(): Promise<void>;
}

export interface KeepRunningOptions {
  /** Resolves when the part is ready; rejects, with nothing left running, when it ended before or was aborted. */
  start: (signal: AbortSignal) => Promise<RunningPart>;
  report: (text: string) => void;
  /** Gives up the first start. */
  signal: AbortSignal;
  /** In ms, before the first, second… restart in a row; the last one repeats. */
  delays?: readonly number[];
  /** In ms; a part that ran this long has recovered, and delays begin anew. */
  steadyAfter?: number;
}

const defaultDelays = [1_000, 2_000, 5_000, 15_000, 30_000];

/**
 * Starts a part and keeps it running.
 *
 * @throws what the first start throws; later failures are reported and tried again
 */
export async function keepRunning(options: KeepRunningOptions): Promise<KeptRunning> {
  const stopping = new AbortController();
  const first = await options.start(options.signal);
  let current: RunningPart | undefined = first;

  const watch = async (): Promise<void> => {
    let failures = 0;
    for (let next: RunningPart | undefined = first; next;) {
      current = next;
      const since = Date.now();
      const end = await next.exited;
      if (stopping.signal.aborted) return;
      current = undefined;
      if (Date.now() - since > (options.steadyAfter ?? 60_000)) failures = 0;
      options.report(`ended unexpectedly (${end}; see ${next.logFile})`);
      next = await restart(options, stopping.signal, () => failures++);
    }
  };

  const watching = watch();
  return {
    stop: async () => {
      stopping.abort();
      await current?.stop();
      await watching;
    },
  };
}

/** @returns undefined when the stop came first */
async function restart(
  options: KeepRunningOptions,
  stopping: AbortSignal,
  nextFailure: () => number,
): Promise<RunningPart | undefined> {
  const delays = options.delays ?? defaultDelays;
  while (!stopping.aborted) {
    const delay = delays[Math.min(nextFailure(), delays.length - 1)] ?? 0;
    options.report(`starting it again in ${delay / 1_000} s`);
    try {
      await sleep(delay, undefined, { signal: stopping });
      const started = await options.start(stopping);
      if (!stopping.aborted) {
        options.report('runs again');
        return started;
      }
      await started.stop();
    } catch (error) {
      if (!stopping.aborted) options.report(`did not start: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return undefined;
}
