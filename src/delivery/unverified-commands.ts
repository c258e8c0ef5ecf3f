import type { Verdict } from './command.js';
import {
  applyCommand,
  refuseDecisionInState,
  refuseMalformed,
  type ProcessState,
  type SignedCommand,
} from './process.js';
import { refuseReviewInState } from './process-approval.js';

/** A bound on what a flood of commands can add to the state. */
const mostUnverified = 50;

/**
 * Takes a decision or a review into the queue of those that are verified one after the other, where it is signed or others
 * are there before it.
 *
 * @returns its number; a verdict where it need not wait
 */
export function receiveSigned(state: ProcessState, command: SignedCommand, now: number): number | Verdict {
  const waiting = (state.unverified ??= []);
  if (command.signature === undefined && waiting.length === 0) return applyCommand(state, command, now);
  const same = waiting.find((one) => command.id !== undefined && one.command.id === command.id);
  if (same) return same.n;
  // What fails without a look at the signature costs no look at it: whoever floods a delivery has it cheap otherwise.
  if (isRefused(state, command, now)) return applyCommand(state, command, now);
  if (waiting.length >= mostUnverified)
    return refuseMalformed(state, command.name, 'too many of them wait to be verified: try again', now);
  const n = (state.received ?? 0) + 1;
  state.received = n;
  waiting.push({ n, arrivedAt: now, command });
  return n;
}

function isRefused(state: ProcessState, given: SignedCommand, now: number): boolean {
  const command = { ...given, signature: given.signature ?? '' };
  const reason =
    command.name === 'decide'
      ? refuseDecisionInState(state, command, now, undefined)
      : refuseReviewInState(state, command, now);
  return reason !== undefined;
}
