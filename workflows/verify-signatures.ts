import { ActivityFailure, condition } from '@temporalio/workflow';
import { applyCommand, type ProcessState, type UnverifiedCommand } from '../src/delivery/process.js';
import type { CheckedSignature } from '../src/delivery/signed-statement.js';
import type { Arrivals } from './delivery-messages.js';
import { verifying } from './steps.js';

/**
 * Has the signatures of decisions and reviews checked in the order of their arrival, and lets the policy judge one after the
 * other.
 */
export async function verifySignatures(deliveryId: string, state: ProcessState, arrivals: Arrivals): Promise<never> {
  const waiting = (): UnverifiedCommand[] => (state.unverified ??= []);
  for (;;) {
    await condition(() => waiting().length > 0);
    const some = [...waiting()];
    const { revision, sealed: { sealedAt = 0 } = {} } = state;
    const checked = await check({ deliveryId, revision, sealedAt }, some);
    // The same text analysed anew has the same seal: what was checked for the one analysis says nothing of the other.
    const isAnother = state.revision !== revision || (state.sealed?.sealedAt ?? 0) !== sealedAt;
    for (const { n, command } of some) {
      waiting().shift();
      const found = checked.get(n);
      const tooLate = isAnother && command.name === 'decide';
      const holds = tooLate && found ? { reason: 'it was signed for an earlier analysis: sign it again' } : found;
      arrivals.verdicts.set(n, applyCommand(state, command, Date.now(), holds));
    }
  }
}

async function check(
  ref: { deliveryId: string; revision: string; sealedAt: number },
  commands: readonly UnverifiedCommand[],
): Promise<Map<number, CheckedSignature>> {
  const signed = commands.filter(({ command }) => command.signature !== undefined);
  if (signed.length === 0) return new Map();
  try {
    const found = await verifying.verifySignatures({ ...ref, commands: signed });
    return new Map(signed.map(({ n }, index) => [n, found[index] ?? unchecked]));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return new Map(signed.map(({ n }) => [n, unchecked]));
  }
}

const unchecked: CheckedSignature = { reason: 'its signature could not be checked: give it again' };

/** @returns once all decisions and reviews are judged that wait now: a flood of later ones holds nobody up */
export async function untilVerified(state: ProcessState): Promise<void> {
  const last = state.unverified?.at(-1)?.n;
  if (last !== undefined) await condition(() => !state.unverified?.some(({ n }) => n <= last));
}
