import { greylists } from '../classify-reply.js';
import type { TransactionResult } from '../transaction.js';

/** How a destination has taken mail lately. Times in milliseconds since the epoch, by the database's clock. */
export interface Pace {
  /** Share of the rule's limits that is used. */
  share: number;
  /** When the share was last changed. */
  changedAt: number;
  /** In a row, without a message that was taken. */
  failures: number;
  /** How often in a row it was held. */
  holds: number;
  /** Nothing leaves before. */
  heldUntil?: number;
  /** What was said last against us. */
  reply?: string;
}

/** What became of some messages, of one worker and in no order but for the last ones. */
export interface Observed {
  sent: number;
  /** It asked us to be slower. */
  slowed: number;
  /** Failures after the last message that was taken. */
  failedSince: number;
  reply?: string;
}

export const fullPace: Pace = { share: 1, changedAt: 0, failures: 0, holds: 0 };

/** How it slows down, speeds up and is held; times in milliseconds. */
export const pacing = {
  leastShare: 1 / 8,
  /** What a slower pace does is not seen at once. */
  slowerAfter: 10_000,
  fasterAfter: 60_000,
  fasterBy: 1.25,
  /** Failures in a row that hold it; after a hold, half of them do. */
  failures: 20,
  firstHold: 60_000,
  longestHold: 3_600_000,
} as const;

/** One step: what the destination said changes how it is served from now on. */
export function nextPace(pace: Pace, { sent, slowed, failedSince, reply }: Observed, now: number): Pace {
  const taken = sent > 0;
  const { heldUntil, ...before } = pace;
  const held = heldUntil !== undefined && heldUntil > now;
  // What was under way when it was held must not lengthen the hold, nor bring the next one about.
  const failures = (taken ? 0 : pace.failures) + (held ? 0 : failedSince);
  const next: Pace = {
    ...before,
    ...nextShare(pace, sent, slowed, now),
    failures,
    holds: taken && !held ? 0 : pace.holds,
    ...(held && { heldUntil }),
    ...(reply !== undefined && { reply }),
  };
  if (held || failures < pacing.failures) return next;
  const longer = pacing.firstHold * 2 ** next.holds;
  return {
    ...next,
    heldUntil: now + Math.min(pacing.longestHold, longer),
    holds: Math.min(next.holds + 1, 10),
    failures: pacing.failures / 2,
  };
}

function nextShare({ share, changedAt }: Pace, sent: number, slowed: number, now: number): Partial<Pace> {
  const since = now - changedAt;
  if (slowed > 0 && since >= pacing.slowerAfter && share > pacing.leastShare)
    return { share: Math.max(pacing.leastShare, share / 2), changedAt: now };
  if (slowed === 0 && sent > 0 && since >= pacing.fasterAfter && share < 1)
    return { share: Math.min(1, share * pacing.fasterBy), changedAt: now };
  return {};
}

/**
 * What a result says of the destination, not of the message: greylisting is asked of everybody once, and a mailbox that is
 * full or unknown says nothing of the others.
 */
export function observe(result: TransactionResult): 'sent' | 'slowed' | 'failed' | undefined {
  if (result.outcome === 'sent') return 'sent';
  if (result.outcome === 'in-doubt') return 'failed';
  const { outcome, reason, reply = '', relayFault } = result;
  if (greylists(reply)) return undefined;
  if (/^421\b|^4\d\d[ -]4\.7\.\d/.test(reply)) return 'slowed';
  if (relayFault) return 'failed';
  const ofDestination = reason === 'refused' || (outcome === 'deferred' && reason === 'unreachable');
  return ofDestination ? 'failed' : undefined;
}
