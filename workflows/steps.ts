import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';

// Infrastructure comes back: without a limit of attempts an outage of the database or the relay delays a delivery, and
// never fails it. What cannot succeed by waiting is marked non-retryable by the activity itself.
const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;

/** Statements in Postgres: short, and safe to repeat. */
export const quick = proxyActivities<Activities>({ startToCloseTimeout: '1 minute', retry });

/** Work over many rows, which may be overtaken by `stop` or `revise`: the next step waits until it has let go. */
export const long = proxyActivities<Activities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '20s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry,
});

/** Proofs that a relay does not take within some minutes are reported as not sent; another one can be asked for. */
export const proofing = proxyActivities<Activities>({
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '20s',
  retry: { ...retry, maximumAttempts: 6 },
});

/**
 * Batches of the main target, on a task queue of their own. The heartbeat's timeout is how long a killed worker's batch
 * stays untouched before another one fences it.
 */
export const batches = proxyActivities<Activities>({
  taskQueue: 'sealpost-sending',
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '10s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry,
});
