import type { SendingSettings } from '../src/delivery/definition.js';
import { nextAttemptAt } from '../src/delivery/retry-timetable.js';
import { retryPace } from '../src/smtp/retry-pace.js';
import type { TransactionResult } from '../src/smtp/transaction.js';
import type { ClaimedMessage, Settlement } from '../src/store/claims.js';

/** What governs the next step of a message. */
export interface SettlementTerms {
  /** Proofs are not tried again by themselves: a person waits for them and can ask for another. */
  proof: boolean;
  sending: SendingSettings;
  /** Milliseconds since the epoch, both. */
  now: number;
  validUntil: number;
  /** No message of the group got past the relay's door. */
  relayDown: boolean;
}

/** Translates what SMTP did into what the ledger says: the one place where a result becomes a status. */
export function settlementOf(
  result: TransactionResult,
  claimed: Pick<ClaimedMessage, 'seq' | 'attempts' | 'firstClaimedAt'>,
  terms: SettlementTerms,
): Settlement {
  const { seq, attempts: attempt } = claimed;
  const settledAt = Date.now();
  // Nearly all of them: not spread, for V8 makes a hidden class for each object that is, and gets members more.
  if (result.outcome === 'sent') return { seq, attempt, settledAt, status: 'sent', reply: result.reply };
  const base = { seq, attempt, settledAt };
  switch (result.outcome) {
    case 'in-doubt': {
      const doubted = { ...base, outcome: result.outcome, reply: result.detail };
      return terms.sending.inDoubt === 'resend' && !terms.proof
        ? { ...doubted, status: 'retrying', nextAttemptAt: terms.now, possibleDuplicate: true }
        : { ...doubted, status: 'in-doubt' };
    }
    case 'rejected':
    case 'deferred': {
      const { outcome, reason, reply } = result;
      const known = { ...base, outcome, reason, ...(reply === undefined ? {} : { reply }) };
      // The relay never got to see this recipient: no attempt was made.
      if (result.relayFault && terms.relayDown) return { ...known, status: 'pending' };
      const next = result.outcome === 'deferred' && !terms.proof ? nextAttempt(claimed, result, terms) : undefined;
      return next === undefined
        ? { ...known, status: 'failed' }
        : { ...known, status: 'retrying', nextAttemptAt: next };
    }
  }
}

/** A fault that others of the group did not meet may be a blip, or this very message's doing: soon, then ever later. */
const faultRetryMs = 60_000;

function nextAttempt(
  claimed: Pick<ClaimedMessage, 'attempts' | 'firstClaimedAt'>,
  result: { relayFault?: true; reply?: string },
  { sending, now, validUntil }: SettlementTerms,
): number | undefined {
  const soon = now + faultRetryMs * claimed.attempts;
  if (result.relayFault && soon <= validUntil) return soon;
  const { attempts, firstClaimedAt } = claimed;
  const pace = retryPace(result.reply ?? '', attempts);
  if (pace === 'never') return undefined;
  return nextAttemptAt(sending.retries, { attempts, firstAttemptAt: firstClaimedAt.getTime(), now, pace }, validUntil);
}
