import type { RetryPace } from '../delivery/retry-timetable.js';
import { greylists, saidIn } from './classify-reply.js';

interface PaceRule {
  /** What the reply says, its addresses left out. */
  says: RegExp | typeof greylists;
  /** After the first attempt at a message, and after every other one. */
  first: RetryPace | 'never';
  later: RetryPace | 'never';
}

/**
 * When a message that was put off (4yz) is worth another try; the first that matches decides. What stands in none of them
 * goes by the timetable (RFC 5321 §4.5.4.1), such as a full mailbox (4.2.2), a busy system (4.3.x) or a network that is
 * away (4.4.x).
 */
const paceRules: readonly PaceRule[] = [
  // RFC 6647 §5: who greylists takes the same envelope some minutes after the first contact, and for a day from then on.
  { says: greylists, first: 'early', later: 'timetable' },
  // It says when.
  { says: /^4\d\d[ -].*(?:again|back|retry) in \d/i, first: 'early', later: 'timetable' },
  // Most servers that greylist say no more than this. Said again, it is policy.
  { says: /^4\d\d[ -]4\.7\.1\b/, first: 'early', later: 'late' },
  // RFC 3463 §3.8, security and policy: rates and reputation, which another try too soon makes worse.
  { says: /^4\d\d[ -]4\.7\.\d/, first: 'late', later: 'late' },
  // RFC 3463 §3.3 and §3.4: the message is longer than is taken there, and will be as long the next time.
  { says: /^4\d\d[ -]4\.(?:2\.3|3\.4)\b/, first: 'never', later: 'never' },
];

/**
 * @param reply - of an attempt that was deferred, or what was seen where there was none
 * @param attempts - made so far, this one included
 */
export function retryPace(reply: string, attempts: number): RetryPace | 'never' {
  const said = saidIn(reply);
  const rule = paceRules.find(({ says }) => (typeof says === 'function' ? says(said) : says.test(said)));
  return rule?.[attempts === 1 ? 'first' : 'later'] ?? 'timetable';
}
