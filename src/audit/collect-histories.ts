import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { z } from 'zod';
import type { StoredHistory } from '../store/histories.js';

/** What we look at in a history; all the rest is carried along as it is. */
const historySchema = z.object({
  events: z.array(z.looseObject({ eventTime: z.string(), eventType: z.string() })).min(1),
});
const startedSchema = z.object({
  workflowExecutionStartedEventAttributes: z.object({ continuedExecutionRunId: z.string().optional() }),
});

/**
 * Fetches all runs of a workflow from Temporal, along the chain of continue-as-new.
 *
 * @param last - id of the last run; left out, the latest
 * @returns the runs, the oldest first; none where Temporal does not know the workflow (any more); `closed` says whether
 *   the last one has ended
 */
async function collectHistories(
  temporal: Client,
  workflowId: string,
  last?: string,
): Promise<{ runs: StoredHistory[]; closed: boolean }> {
  const runs: StoredHistory[] = [];
  try {
    const latest = await temporal.workflow.getHandle(workflowId, last).describe();
    let runId: string | undefined = latest.runId;
    while (runId) {
      const run = await fetchRun(temporal, workflowId, runId);
      runs.unshift(run.stored);
      runId = run.before;
    }
    return { runs, closed: latest.status.name !== 'RUNNING' };
  } catch (error) {
    // Retention has taken the workflow, or the older runs of its chain.
    if (error instanceof WorkflowNotFoundError) return { runs, closed: true };
    throw error;
  }
}

/** A delivery says that it ends with its last commands; its closing event comes a moment later. */
const lookEveryMs = 500;

/**
 * Fetches all runs of several workflows, and again while one of them is still open.
 *
 * @param looks - how often to look at most, twice a second
 * @param beat - called at each look
 */
export async function collectClosed(
  temporal: Client,
  { ids, last, looks }: { ids: readonly string[]; last?: string | undefined; looks: number },
  beat: (look: number) => void = () => undefined,
): Promise<{ runs: StoredHistory[]; closed: boolean }> {
  for (let look = 1; ; look += 1) {
    beat(look);
    const found = await Promise.all(ids.map((id) => collectHistories(temporal, id, last)));
    const closed = found.every((one) => one.closed);
    if (closed || look >= looks) return { runs: found.flatMap(({ runs }) => runs), closed };
    await delay(lookEveryMs);
  }
}

async function fetchRun(
  temporal: Client,
  workflowId: string,
  runId: string,
): Promise<{ stored: StoredHistory; before: string | undefined }> {
  const raw = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  const history = historySchema.parse(JSON.parse(historyToJSON(raw)));
  const started = startedSchema.parse(history.events[0]);
  const startedAt = new Date(history.events[0]?.eventTime ?? 0).toISOString();
  const before = started.workflowExecutionStartedEventAttributes.continuedExecutionRunId;
  return { stored: { workflowId, runId, startedAt, history }, before: before === '' ? undefined : before };
}
