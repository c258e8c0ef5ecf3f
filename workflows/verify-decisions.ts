import { ActivityFailure, condition } from '@temporalio/workflow';
import { applyCommand, type ProcessState, type UnverifiedDecision } from '../src/delivery/process.js';
import type { CheckedSignature } from '../src/delivery/signed-decision.js';
import type { Arrivals } from './delivery-messages.js';
import { quick } from './steps.js';

/** Has the signatures of decisions checked in the order of their arrival, and lets the policy judge one after the other. */
export async function verifyDecisions(deliveryId: string, state: ProcessState, arrivals: Arrivals): Promise<never> {
  const waiting = (): UnverifiedDecision[] => (state.unverified ??= []);
  for (;;) {
    await condition(() => waiting().length > 0);
    const some = [...waiting()];
    const { revision, sealed: { sealedAt = 0 } = {} } = state;
    const checked = await check({ deliveryId, revision, sealedAt }, some);
    for (const one of some) {
      waiting().shift();
      arrivals.verdicts.set(one.n, applyCommand(state, one.command, Date.now(), checked.get(one.n)));
    }
  }
}

async function check(
  ref: { deliveryId: string; revision: string; sealedAt: number },
  decisions: readonly UnverifiedDecision[],
): Promise<Map<number, CheckedSignature>> {
  const signed = decisions.filter(({ command }) => command.signature !== undefined);
  if (signed.length === 0) return new Map();
  try {
    const found = await quick.verifyDecisions({ ...ref, decisions: signed });
    return new Map(signed.map(({ n }, index) => [n, found[index] ?? unchecked]));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return new Map(signed.map(({ n }) => [n, unchecked]));
  }
}

const unchecked: CheckedSignature = { reason: 'its signature could not be checked: give it again' };

/** @returns once all decisions are judged that wait now: a flood of later ones holds nobody up */
export async function untilVerified(state: ProcessState): Promise<void> {
  const last = state.unverified?.at(-1)?.n;
  if (last !== undefined) await condition(() => !state.unverified?.some(({ n }) => n <= last));
}
