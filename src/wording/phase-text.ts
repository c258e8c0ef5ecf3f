import type { DeliveryDescription } from '../client/index.js';
import type { Phase } from '../delivery/phase.js';

/** What a phase means, for people. */
const phaseWords: Record<Phase, string> = {
  checking: 'the parameters are checked',
  proofing: 'a proof goes to the proof recipients',
  analysing: 'target and messages are computed and sealed',
  'awaiting-decision': 'waits for a person to confirm or reject the seal',
  'awaiting-revision': 'waits for a new revision, or to be analysed again',
  scheduled: 'confirmed, and about to send',
  sending: 'messages are leaving',
  paused: 'nothing leaves until it is resumed',
  finished: 'every recipient has a final status',
  stopped: 'ended by an operator; what had not left is canceled',
  expired: 'nobody decided in time',
  failed: 'it cannot go on',
};

/**
 * `paused: nothing leaves until it is resumed`.
 *
 * @param words - in place of those that the phase always has
 */
export function phaseText(phase: Phase, words: string | undefined = phaseWords[phase]): string {
  return `${phase}: ${words}`;
}

/** What the next commands depend on. Without `pendingDecision` and `author` they name nobody. */
type Standing = Pick<DeliveryDescription, 'id' | 'phase'> &
  Partial<Pick<DeliveryDescription, 'author' | 'counts' | 'pendingDecision' | 'heldFor' | 'schedule'>>;

/** The commands that take a delivery on from where it stands, ready to be typed. */
export function nextCommands(standing: Standing): string[] {
  const { id, phase, author, counts, pendingDecision, heldFor, schedule } = standing;
  const as = (operator: string | undefined) => (operator === undefined ? '' : ` --operator ${operator}`);
  switch (phase) {
    case 'awaiting-decision':
      if (pendingDecision?.heldBy !== undefined) return [`sealpost proof list ${id}`];
      return [
        `sealpost confirm ${id}${as(pendingDecision?.mayConfirm[0])}`,
        `sealpost reject ${id}${as(pendingDecision?.mayConfirm[0] ?? pendingDecision?.mayReject[0])} --comment "why"`,
      ];
    case 'awaiting-revision':
      return [`sealpost show ${id}`, `sealpost revise ${id} <definition>${as(author)}`];
    case 'paused':
      return [
        `sealpost resume ${id}${as(author)}`,
        ...(heldFor === undefined ? [] : [`sealpost stop ${id}${as(author)}`]),
      ];
    case 'checking':
    case 'proofing':
    case 'analysing':
    case 'sending':
      return [`sealpost watch ${id}`];
    case 'scheduled':
      return [
        `sealpost watch ${id}`,
        ...(schedule?.startsAt === undefined ? [] : [`sealpost reschedule ${id} --at <date>${as(author)}`]),
      ];
    case 'failed':
      return [`sealpost history ${id}`];
    case 'finished':
    case 'stopped':
    case 'expired':
      return counts?.['in-doubt'] ? [`sealpost in-doubt ${id}`] : [`sealpost messages ${id}`];
  }
}
