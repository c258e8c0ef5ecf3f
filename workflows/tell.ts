import { getExternalWorkflowHandle, type SignalDefinition } from '@temporalio/workflow';

/**
 * Signals another workflow by its id without a run id, so that it survives that one's continue-as-new.
 *
 * @returns false where there is none that can be told: it has closed, or was never started
 */
export async function tell<Args extends unknown[]>(
  workflowId: string,
  signal: SignalDefinition<Args>,
  ...args: Args
): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(signal, ...args);
    return true;
  } catch {
    return false;
  }
}
