import { evaluateApproval, whyUnproven, type Decision, type DecisionRequest } from './approval-policy.js';
import { passGates, standingDecisions } from './approval-gates.js';
import { whyHeld } from './content-approval.js';
import type { OpenRequest, RequestPlan, RequestReason } from './decision-requests.js';
import { decisionRequest } from './process-approval.js';
import { isInterrupted, type ProcessState } from './process.js';

/** Why nobody was told, where that is the worker's doing or the delivery's. */
export type Untold = 'no-sender' | 'nobody' | 'overtaken' | 'failed';

/** Tells an activity whom to ask for what; ids, counts and instants. */
export interface DecisionRequestInput {
  deliveryId: string;
  /** SHA-256, hexadecimal. */
  revision: string;
  reason: RequestReason;
  /** Among all that people of this delivery are told. */
  number: number;
  /** Milliseconds since the epoch. */
  at: number;
  request: DecisionRequest;
  /** Decisions that count so far. */
  standing: Decision[];
}

/** What came of it. */
export interface DecisionRequestResult extends RequestPlan {
  /** People by what became of their mail: `told`, `without-address`, `refused`. */
  counts: Record<string, number>;
  untold?: Untold;
  /** Nobody is told before that instant, in milliseconds since the epoch. */
  postponedTo?: number;
}

/** @returns what people are to be asked now; nothing while no confirmation could count, or where nobody is to be asked */
export function openRequest(state: ProcessState, now: number): OpenRequest | undefined {
  const request = decisionRequest(state);
  const wanted = state.phase === 'awaiting-decision' && state.terms?.approval.requests !== undefined;
  if (!wanted || !request || isInterrupted(state)) return undefined;
  if (whyUnproven(request) !== undefined || whyHeld(request) !== undefined) return undefined;
  if (evaluateApproval(request, state.decisions, now) !== 'waiting') return undefined;
  const standing = standingDecisions(state.decisions, request, now);
  const gates = request.rules.map((rules) => {
    const { open } = passGates(rules, request, standing);
    return open ? (open.name ?? '') : null;
  });
  return { sealedAt: state.sealed?.sealedAt ?? 0, gates: JSON.stringify(gates), expiresAt: request.expiresAt };
}

/** What the policy needs to tell whose confirmation is missing; what people wrote beside their decisions stays here. */
export function requestInput(
  state: ProcessState,
  now: number,
): Pick<DecisionRequestInput, 'request' | 'standing'> | undefined {
  const request = decisionRequest(state);
  if (!request) return undefined;
  const standing = standingDecisions(state.decisions, request, now).map(({ comment: _comment, ...rest }) => rest);
  return { request, standing };
}
