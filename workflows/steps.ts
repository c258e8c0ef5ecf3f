import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { taskQueues } from './messages.js';

type Name = keyof Activities;
type Input<N extends Name> = Parameters<Activities[N]>[0];

/** What Temporal's pages show for each activity. Ids and numbers only: it stays in history. */
const summaries: { [N in Name]: string | ((input: Input<N>) => string) } = {
  checkParameters: 'Step 1: check the e-mail parameters',
  sendProofs: ({ proof }) => `Step 2: send proof ${proof}`,
  abandonProofs: ({ proof }) => `Step 2: give up proof ${proof}, which the relay did not take`,
  dryRun: ({ number }) => `Dry run ${number}: ask the relay about each recipient, and send nothing`,
  countDryRun: 'Dry run: count the answers',
  computeTarget: 'Step 3: compute the target and its exclusions',
  prepareBatch: ({ from, to }) => `Step 3: render messages ${from} to ${to}`,
  runControlRules: 'Step 3: run the control rules',
  sealAnalysis: 'Step 3: seal the analysis',
  discardAnalysis: 'Step 3: discard the stopped analysis',
  verifySignatures: ({ commands }) => `Verify the signatures of ${commands.length} decisions and reviews`,
  requestDecision: ({ reason, number }) => `Ask for the decision: ${reason}, number ${number}`,
  confirmDelivery: 'Step 4: record the approved seal',
  withdrawApproval: 'Step 4: take the approved seal back',
  setControl: ({ control }) => `Control row: ${control}`,
  setRate: ({ rate }) => `Rate: ${rate}`,
  awaitSettled: 'Pause: wait until what has begun has settled',
  sendBatch: ({ batch }) => `Step 4: send batch ${batch.number}, messages ${batch.from} to ${batch.to}`,
  sendBatches: ({ batch }) => `Step 4: send from batch ${batch.number} on, messages ${batch.from} to ${batch.to}`,
  planRetries: 'Plan the next attempts',
  resolveInDoubt: ({ verdict }) => `Resolve messages in doubt: ${verdict}`,
  judgeCanary: ({ firstSeq, lastSeq }) => `Look at the canary, messages ${firstSeq} to ${lastSeq}`,
  judgeBreaker: 'Look at what was settled lately',
  tellHold: ({ number }) => `Tell people that it has paused by itself: time ${number}`,
  tellEnd: ({ outcome }) => `Tell people of its end: ${outcome}`,
  inspectLedger: 'Ask the ledger what is open',
  finishDelivery: ({ outcome }) => `End: ${outcome}`,
  exportHistories: 'Copy the closed histories to Postgres',
  recordJournal: ({ entries }) => `Journal: ${entries.map(({ kind }) => kind).join(', ')}`.slice(0, 100),
};

/** The activities under one set of options, each with its summary. */
function stepsWith(options: ActivityOptions): { [N in Name]: (input: Input<N>) => ReturnType<Activities[N]> } {
  const activities = proxyActivities<Activities>(options);
  const named = (Object.keys(summaries) as Name[]).map((name) => {
    const run = (input: never): Promise<unknown> => {
      const { deliveryId }: { deliveryId: string } = input;
      const summary: string | ((input: never) => string) = summaries[name];
      const text = typeof summary === 'string' ? summary : summary(input);
      // Of equal priority, servers that know fairness give each delivery its turn. A key has 64 bytes at the most.
      const priority = { ...options.priority, fairnessKey: deliveryId.slice(0, 64) };
      return activities[name].executeWithOptions({ ...options, summary: text, priority }, [input]);
    };
    return [name, run] as const;
  });
  return Object.fromEntries(named) as ReturnType<typeof stepsWith>;
}

// Infrastructure comes back: without a limit of attempts an outage of the database or the relay delays a delivery, and
// never fails it. What cannot succeed by waiting is marked non-retryable by the activity itself.
const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;

/** Statements in Postgres: short, and safe to repeat. */
export const quick = stepsWith({ startToCloseTimeout: '1 minute', retry });

/**
 * Work over many rows. Where `stop` or `revise` overtakes it, the next step waits until it has let go. The end of a
 * delivery is such work too, for its archive may be owed copies.
 */
export const long = stepsWith({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '20s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry,
});

/** Proofs that a relay does not take within some minutes are reported as not sent; another one can be asked for. */
export const proofing = stepsWith({
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '20s',
  retry: { ...retry, maximumAttempts: 6 },
});

/** A dry run that a relay does not answer within some minutes is reported as it stands; another one can be asked for. */
export const trying = stepsWith({
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '10s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { ...retry, maximumAttempts: 6 },
});

/**
 * A decision or a review that cannot be checked for some minutes is refused and can be given again: the others behind it, and a run that
 * is to end, wait for it.
 */
export const verifying = stepsWith({ startToCloseTimeout: '1 minute', retry: { ...retry, maximumAttempts: 8 } });

/** E-mail to people who are asked or told something: as long as that stands, a relay may take its time. */
const mail = { startToCloseTimeout: '15 minutes', heartbeatTimeout: '20s', retry } as const;
export const asking = stepsWith(mail);

/** The same of what has happened: after a day it is no news. */
export const telling = stepsWith({ ...mail, scheduleToCloseTimeout: '1 day' });

/**
 * Batches of the main target, on a task queue of their own. The heartbeat's timeout is how long a killed worker's batch
 * stays untouched before another one fences it.
 */
const batch = {
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '10s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry,
} as const;

/** By the delivery's priority. */
export const batches = {
  high: stepsWith({ ...batch, taskQueue: taskQueues.urgent }),
  normal: stepsWith({ ...batch, taskQueue: taskQueues.sending, priority: { priorityKey: 3 } }),
  low: stepsWith({ ...batch, taskQueue: taskQueues.sending, priority: { priorityKey: 4 } }),
};
