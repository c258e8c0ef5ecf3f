import { durationMs } from './duration.js';
import type { SendingSettings } from './definition.js';

const dayMs = 86_400_000;

/** How soon a message is worth another try: sooner than the interval, after it, or later. */
export type RetryPace = 'early' | 'timetable' | 'late';

type Retries = SendingSettings['retries'];

/** Milliseconds between an attempt and the next one, at each pace. */
const waitMs: Record<RetryPace, (retries: Retries) => number> = {
  early: ({ interval, greylistedAfter }) =>
    greylistedAfter === undefined ? durationMs(interval) / 4 : durationMs(greylistedAfter),
  timetable: ({ interval }) => durationMs(interval),
  late: ({ interval, policyAfter }) => (policyAfter === undefined ? 4 * durationMs(interval) : durationMs(policyAfter)),
};

/** Milliseconds within which attempts that fall due are made together: small against the shortest wait there can be. */
export function retryGrainMs(retries: Retries): number {
  return Math.min(waitMs.early(retries), waitMs.timetable(retries), waitMs.late(retries)) / 60;
}

/** @returns milliseconds from the first attempt to the last one that is wanted within its first day */
export function firstDaySpanMs({ inFirstDay, interval }: Retries): number {
  const step = durationMs(interval);
  return step * Math.min(inFirstDay, Math.floor(dayMs / step));
}

/** Times in milliseconds since the epoch. */
export interface AttemptsSoFar {
  /** Attempts made, the one that has just failed included. */
  attempts: number;
  firstAttemptAt: number;
  now: number;
  /** By what was said at the last one. @default timetable */
  pace?: RetryPace;
}

/**
 * When a message whose attempt failed softly is tried again: so many times in the first 24 hours, at least the interval
 * apart (sooner or later by the pace), then at whole days after the first attempt. Where validity counts from the start of
 * sending, the attempt that would fall on its very end is not made, for the first attempt came after that start.
 *
 * @param validUntil - milliseconds since the epoch; no attempt is made after it
 * @returns milliseconds since the epoch, or `undefined` when validity ends before the next attempt
 */
export function nextAttemptAt(retries: Retries, soFar: AttemptsSoFar, validUntil: number): number | undefined {
  const { attempts, firstAttemptAt, now, pace = 'timetable' } = soFar;
  const soon = now + waitMs[pace](retries);
  const inFirstDay = attempts <= retries.inFirstDay && soon <= firstAttemptAt + dayMs;
  const daily = firstAttemptAt + Math.ceil((soon - firstAttemptAt) / dayMs) * dayMs;
  const next = inFirstDay ? soon : daily;
  return next <= validUntil ? next : undefined;
}
