import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryProgress } from '../client/index.js';

/**
 * A delivery's progress, again and again until it has ended and every message has its final status.
 *
 * @param everyMs - between two questions
 * @throws AbortError when `signal` comes
 */
export async function* follow(
  delivery: { progress(): Promise<DeliveryProgress> },
  everyMs: number,
  signal?: AbortSignal,
): AsyncGenerator<DeliveryProgress, void, undefined> {
  for (;;) {
    const progress = await delivery.progress();
    yield progress;
    // The phase is journalled before the last statuses are: what a stop cancels follows it.
    if (progress.ended && progress.settled === progress.total) return;
    await sleep(everyMs, undefined, signal ? { signal } : {});
  }
}
