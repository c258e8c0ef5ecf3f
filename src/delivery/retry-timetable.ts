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
 * apart, then once a day.
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
  const interval = durationMs(retries.interval);
  const soon = now + interval;
  const firstDayEnds = firstAttemptAt + dayMs;
  const daily = now < firstDayEnds ? Math.max(soon, firstDayEnds) : now + Math.max(interval, dayMs);
  const next = attempts <= retries.inFirstDay && soon <= firstDayEnds ? soon : daily;
  return next <= validUntil ? next : undefined;
}
