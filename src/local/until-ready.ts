import { setTimeout as sleep } from 'node:timers/promises';
import { logTail, type DetachedProcess } from './detached-process.js';

/**
 * Waits until a process that was just started is ready; when it will not be, ends it.
 *
 * @param probe - resolves to whether it is ready; must not take long
 * @param limitMs - how long it may take
 * @throws Error with the end of its log when it ended or the time is up, and when the signal aborts
 */
export async function untilReady(
  process: DetachedProcess,
  probe: () => Promise<boolean>,
  { signal, limitMs }: { signal: AbortSignal; limitMs: number },
): Promise<void> {
  const until = Date.now() + limitMs;
  let end: string | undefined;
  void process.exited.then((phrase) => (end = phrase));
  while (!(await probe())) {
    if (end !== undefined) throw new Error(`it ended (${end}). ${process.logFile} says:\n${logTail(process.logFile)}`);
    if (signal.aborted || Date.now() > until) {
      await process.stop();
      signal.throwIfAborted();
      throw new Error(
        `it was not ready after ${limitMs / 1_000} s. ${process.logFile} says:\n${logTail(process.logFile)}`,
      );
    }
    await sleep(50);
  }
}
