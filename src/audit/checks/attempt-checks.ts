import type { AttemptOutcome, MessageStatus } from '../../delivery/message-status.js';
import type { PartRow } from '../bundle-format.js';

/** What the last attempt may have come to where a message stands so; `none` where there need not have been one. */
const lastOutcomes: Readonly<Record<MessageStatus, readonly (AttemptOutcome | 'none')[]>> = {
  pending: ['none', 'deferred', 'in-doubt'],
  sending: ['none', 'deferred', 'in-doubt'],
  retrying: ['deferred', 'in-doubt'],
  sent: ['sent'],
  'accepted-by-provider': ['sent'],
  // Validity ended before another one.
  failed: ['none', 'rejected', 'deferred'],
  ignored: ['none', 'deferred', 'in-doubt'],
  canceled: ['none', 'deferred'],
  // What may have been taken at an earlier attempt stays in doubt.
  'in-doubt': ['in-doubt', 'deferred'],
};

/** What a person has resolved tells what it was resolved as, and the attempt stays in doubt. */
const resolved = /^resolved as (?:sent|give-up)/;

/** @returns what does not fit together, in words that follow the message's number */
export function judgeAttempts({ status, attempts, tried = [], reply }: PartRow<'messages'>): string | undefined {
  const sentAtFirst = tried.length === 0 && attempts === 1 && status === 'sent' && !resolved.test(reply ?? '');
  if (sentAtFirst) return undefined;
  const gap = tried.findIndex(({ number }, index) => number !== index + 1);
  if (gap >= 0) return `has attempt ${tried[gap]?.number} where attempt ${gap + 1} must stand`;
  // What is being sent has an attempt whose end is not known yet.
  const ended = status === 'sending' ? attempts - 1 : attempts;
  if (tried.length !== ended) return `counts ${ended} attempts that have ended, and ${tried.length} stand there`;
  const last = tried.at(-1);
  const outcome = last?.outcome ?? 'none';
  if (outcome === 'in-doubt' && resolved.test(reply ?? '')) return undefined;
  if (!lastOutcomes[status].includes(outcome)) return `is "${status}", and its last attempt came to "${outcome}"`;
  const final = outcome === 'sent' || outcome === 'rejected';
  return final && last?.reply !== reply ? 'has another reply than its last attempt' : undefined;
}
