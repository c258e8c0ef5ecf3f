import { setTimeout as delay } from 'node:timers/promises';
import type { Stillness } from '../store/stillness.js';
import type { Delivery } from './delivery.js';

const lookEveryMs = 50;

/**
 * Waits until a pause or a stop holds.
 *
 * @param patienceMs - a relay that takes its time is not waited for longer: the command is accepted, and comes to hold by itself
 */
export async function awaitStillness(delivery: Pick<Delivery, 'stillness'>, patienceMs: number): Promise<Stillness> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const still = await delivery.stillness();
    const isUnderWay = still.phase === 'sending' || still.phase === 'paused';
    if (still.since !== undefined || !isUnderWay || performance.now() > until) return still;
    await delay(lookEveryMs);
  }
}
