import { WorkflowExecutionAlreadyStartedError, type Workflow } from '@temporalio/common';
import { ParentClosePolicy, startChild, type ChildWorkflowOptions } from '@temporalio/workflow';

/**
 * Starts a child that outlives this run: the default policy would kill it when its parent closes or continues as new.
 * One that runs already is left as it is.
 *
 * @returns whether it was started
 */
export async function startAbandoned<T extends Workflow>(
  workflow: T,
  options: Pick<ChildWorkflowOptions, 'workflowId' | 'staticSummary'> & { args: Parameters<T> },
): Promise<boolean> {
  try {
    await startChild<Workflow>(workflow, { ...options, parentClosePolicy: ParentClosePolicy.ABANDON });
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return false;
  }
}
