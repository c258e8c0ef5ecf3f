import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryProgress } from '../client/index.js';

/** To count a million messages takes a while: whoever watches must not take the database from those who send. */
const mostlyIdle = 9;

/**
 * A delivery's progress, again and again until it has ended and every message has its final status.
 *
 * @param everyMs - between two questions, more where they take long
 * @throws AbortError when `signal` comes
 */
export async function* follow(
  delivery: { progress(): Promise<DeliveryProgress> },
  everyMs: number,
  signal?: AbortSignal,
): AsyncGenerator<DeliveryProgress, void, undefined> {
  for (;;) {
    const asked = performance.now();
    const progress = await delivery.progress();
    const took = performance.now() - asked;
    yield progress;
    // The phase is journalled before the last statuses are: what a stop cancels follows it.
    if (progress.ended && progress.settled === progress.total) return;
    await sleep(Math.max(everyMs, took * mostlyIdle), undefined, signal ? { signal } : {});
  }
}
