import { condition } from '@temporalio/workflow';
import { note } from '../src/delivery/journal-notes.js';
import type { ProcessState } from '../src/delivery/process.js';
import { asking } from './steps.js';
import { toldOrWhyNot } from './told-or-why-not.js';

/**
 * Has people told that the delivery has paused by itself, beside the process: nothing waits for their mail, and whoever resumes or
 * ends it needs none any more. A run that ends meanwhile has the next one tell them.
 */
export async function tellHolds(deliveryId: string, state: ProcessState): Promise<never> {
  for (;;) {
    await condition(() => state.untoldHold !== undefined);
    const { untoldHold } = state;
    if (!untoldHold) continue;
    const { at, why } = untoldHold;
    const input = { deliveryId, operators: concerned(state), number: state.holds ?? 1, at, why };
    const { counts, untold } = await toldOrWhyNot(
      () => asking.tellHold(input),
      () => state.untoldHold?.at !== at || state.heldFor === undefined || state.stopping,
    );
    if (state.untoldHold === untoldHold) delete state.untoldHold;
    note(state, Date.now(), { kind: 'told', counts, ...(untold !== undefined && { untold }) });
  }
}

/** Who is told of what happens to a delivery by itself. */
export function concerned({ terms, origin, author }: ProcessState): string[] {
  return [...new Set([terms?.owner ?? origin.rules.owner, author])];
}
