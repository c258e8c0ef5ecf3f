import { ActivityFailure, condition } from '@temporalio/workflow';
import { isOvertaken, type AskedDryRun, type DryRunCounts } from '../src/delivery/dry-run.js';
import { note } from '../src/delivery/journal-notes.js';
import type { ProcessState } from '../src/delivery/process.js';
import { quick, trying } from './steps.js';
import { unlessOvertaken } from './unless-overtaken.js';

/**
 * Makes the dry runs that operators ask for, beside the process: one holds up no decision, and what overtakes it ends it. A
 * run of the workflow that ends meanwhile has the next one go on with it. Where nobody asks it gives no command.
 */
export async function makeDryRuns(deliveryId: string, state: ProcessState): Promise<never> {
  for (;;) {
    await condition(() => state.dryRun !== undefined);
    const { dryRun } = state;
    if (!dryRun) continue;
    const ended = await tryRecipients(deliveryId, state, dryRun);
    delete state.dryRun;
    const { operator, seal } = dryRun;
    note(state, Date.now(), { kind: 'dry-run', operator, seal, revision: state.revision, ...ended });
  }
}

async function tryRecipients(
  deliveryId: string,
  state: ProcessState,
  dryRun: AskedDryRun,
): Promise<{ counts: DryRunCounts; reason?: string }> {
  const { number, seal } = dryRun;
  const { revision } = state;
  let reason = 'something else came before it had ended';
  try {
    const counts = await unlessOvertaken(
      () => trying.dryRun({ deliveryId, revision, number, seal }),
      () => isOvertaken(state, dryRun),
    );
    // One that finds the target gone comes to its end before it hears that it was given up.
    if (counts) return isOvertaken(state, dryRun) ? { counts, reason } : { counts };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    reason = 'the relay did not answer to the end';
  }
  return { counts: await quick.countDryRun({ deliveryId }), reason };
}
