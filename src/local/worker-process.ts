import { createInterface } from 'node:readline';
import { startDetached, type DetachedProcess } from './detached-process.js';
import type { DataFolder } from './data-folder.js';
import { keepRunning, type KeptRunning } from './keep-running.js';
import { untilReady } from './until-ready.js';

/** What a worker prints to its stdout when it is ready. */
export const workerReadyLine = 'sealpost worker ready';

/**
 * How Node runs a worker: these take two fifths off its memory, and cost no speed that could be measured. Node's own
 * defaults are for programs that have a machine to themselves: V8 lets garbage grow in proportion to what the heap may
 * become. A worker's live heap is some 60 MB.
 */
export const workerNodeFlags = ['--max-semi-space-size=4', '--single-threaded-gc', '--max-old-space-size=512'];

/** glibc gives every few threads a heap of their own, and a worker has many threads that need none. */
export const workerMemoryEnv = { MALLOC_ARENA_MAX: '2' };

export interface WorkerOptions {
  folder: DataFolder;
  command: readonly string[];
  /** Its whole environment, but for the lifeline. */
  env: Readonly<Record<string, string>>;
  report: (text: string) => void;
  signal: AbortSignal;
  /** In ms. */
  readyLimitMs?: number;
  /** See `keepRunning`. */
  delays?: readonly number[];
}

/**
 * Starts a worker and keeps it running. It has a lifeline: its stdin closes when this process dies, at `kill -9` too, and
 * then it drains by itself (`SEALPOST_LIFELINE=stdin` tells it to watch).
 *
 * @throws Error with the end of its log when the first one does not get ready
 */
export function startWorker(options: WorkerOptions): Promise<KeptRunning> {
  return keepRunning({
    start: (signal) => startOnce(options, signal),
    report: options.report,
    signal: options.signal,
    ...(options.delays && { delays: options.delays }),
  });
}

async function startOnce(options: WorkerOptions, signal: AbortSignal): Promise<DetachedProcess> {
  const worker = startDetached({
    part: 'worker',
    folder: options.folder,
    logFile: options.folder.workerLog,
    command: options.command,
    env: { ...workerMemoryEnv, ...options.env, SEALPOST_LIFELINE: 'stdin' },
    lifeline: true,
  });
  let ready = false;
  // Read to the end, whatever else it prints: a full pipe would stop the worker.
  if (worker.stdout)
    createInterface({ input: worker.stdout }).on('line', (line) => (ready ||= line === workerReadyLine));
  await untilReady(worker, () => Promise.resolve(ready), { signal, limitMs: options.readyLimitMs ?? 120_000 });
  return worker;
}
