import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { keepRunning, type KeptRunning, type RunningPart } from '../local/keep-running.js';
import { workerMemoryEnv, workerNodeFlags, workerReadyLine } from '../local/worker-process.js';

export interface WorkerProcessesOptions {
  count: number;
  /** What they get beside the environment of this process. */
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
  /** Gets a line when one of them ends or is started again. */
  report: (text: string) => void;
}

/**
 * Runs several workers as processes of this one, to use several cores. One that ends is started again. They end with this
 * process, at `kill -9` too: their stdin closes.
 *
 * @throws Error when one of the first does not get ready
 */
export async function startWorkerProcesses({
  count,
  env,
  signal,
  report,
}: WorkerProcessesOptions): Promise<{ stop(): Promise<void> }> {
  const started = await Promise.allSettled(
    Array.from({ length: count }, (_, n) =>
      keepRunning({
        start: (until) => startOne(env, until),
        signal,
        report: (text) => report(`Worker ${n + 1}: ${text}.`),
      }),
    ),
  );
  const running = started.flatMap((one): KeptRunning[] => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((one) => one.stop()));
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { stop };
}

async function startOne(own: WorkerProcessesOptions['env'], signal: AbortSignal): Promise<RunningPart> {
  const args = [...workerNodeFlags, ...process.execArgv, process.argv[1] ?? '', 'worker'];
  const child = spawn(process.execPath, args, {
    env: { ...workerMemoryEnv, ...process.env, ...own, SEALPOST_LIFELINE: 'stdin' },
    stdio: ['pipe', 'pipe', 'inherit'],
    // Ctrl-C goes to the whole group of the terminal: they are told to stop by us alone.
    detached: true,
  });
  // EPIPE of one that has ended.
  child.stdin.on('error', () => undefined);
  const exited = once(child, 'exit').then(([code, by]: (number | string | null)[]) => `${by ?? `exit code ${code}`}`);
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await exited;
  };
  const ready = new Promise<true>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => line === workerReadyLine && resolve(true));
  });
  const aborted = once(signal, 'abort').then(() => 'it was stopped');
  const first = await Promise.race([ready, exited, aborted]);
  if (first !== true) {
    await stop();
    throw new Error(`a worker did not start: ${first}`);
  }
  return { exited, stop, logFile: 'standard error' };
}
