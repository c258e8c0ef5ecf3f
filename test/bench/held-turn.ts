import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../../src/client/index.js';
import type { Receiver } from './receivers.js';
import { operator } from './sealpost-turn.js';

/** How soon a pause or a stop held. */
export interface HoldFigures {
  command: 'pause' | 'stop';
  /** Messages a second that arrived right before it. */
  rate: number;
  /** From the command until the ledger says that nothing is under way, in milliseconds. */
  holdsAfterMs: number;
}

const by = { operator };
const lookEveryMs = 10;
/** In which the rate is measured, and in which nothing more may come. */
const watchMs = 1_000;

/**
 * Pauses a delivery at a third of its messages, resumes it, and stops it at two thirds.
 *
 * @param delivery - confirmed, and not sent yet
 * @throws Error when the receiver sees one message after the acknowledgement
 */
export async function holdMidway(
  delivery: Delivery,
  receiver: Receiver,
  messages: number,
): Promise<readonly HoldFigures[]> {
  await arrivedAtLeast(receiver, messages / 3);
  const paused = await hold(delivery, receiver, 'pause');
  await delivery.resume(by);
  await arrivedAtLeast(receiver, (2 * messages) / 3);
  return [paused, await hold(delivery, receiver, 'stop')];
}

async function hold(delivery: Delivery, receiver: Receiver, command: HoldFigures['command']): Promise<HoldFigures> {
  const rate = await rateOf(receiver);
  const given = performance.now();
  await delivery[command](by);
  while ((await delivery.stillness()).since === undefined) await sleep(lookEveryMs);
  const holdsAfterMs = performance.now() - given;
  const before = await arrived(receiver);
  await sleep(watchMs);
  const late = (await arrived(receiver)) - before;
  if (late > 0) throw new Error(`${late} messages arrived after the ${command} was acknowledged`);
  return { command, rate, holdsAfterMs };
}

async function rateOf(receiver: Receiver): Promise<number> {
  const [begun, before] = [performance.now(), await arrived(receiver)];
  await sleep(watchMs);
  return (((await arrived(receiver)) - before) * 1_000) / (performance.now() - begun);
}

async function arrivedAtLeast(receiver: Receiver, messages: number): Promise<void> {
  while ((await arrived(receiver)) < messages) await sleep(lookEveryMs);
}

async function arrived(receiver: Receiver): Promise<number> {
  const count = await receiver.arrived();
  if (count === undefined) throw new Error('--pause needs a receiver that counts: leave --sink out');
  return count;
}
