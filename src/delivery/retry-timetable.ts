import { durationMs } from './duration.js';
import type { SendingSettings } from './definition.js';

const dayMs = 86_400_000;

/** Times in milliseconds since the epoch. */
export interface AttemptsSoFar {
  /** Attempts made, the one that has just failed included. */
  attempts: number;
  firstAttemptAt: number;
  now: number;
}

/**
 * When a message whose attempt failed softly is tried again: so many times in the first 24 hours, at least the interval
 * apart, then at whole days after the first attempt. Where validity counts from the start of sending, the attempt that
 * would fall on its very end is not made, for the first attempt came after that start.
 *
 * @param validUntil - milliseconds since the epoch; no attempt is made after it
 * @returns milliseconds since the epoch, or `undefined` when validity ends before the next attempt
 */
export function nextAttemptAt(
  retries: SendingSettings['retries'],
  soFar: AttemptsSoFar,
  validUntil: number,
): number | undefined {
  const { attempts, firstAttemptAt, now } = soFar;
  const soon = now + durationMs(retries.interval);
  const inFirstDay = attempts <= retries.inFirstDay && soon <= firstAttemptAt + dayMs;
  const daily = firstAttemptAt + Math.ceil((soon - firstAttemptAt) / dayMs) * dayMs;
  const next = inFirstDay ? soon : daily;
  return next <= validUntil ? next : undefined;
}
