import { activityInfo } from '@temporalio/activity';
import type { Activities } from '../../activities/index.js';
import type { FakeLedger } from './fake-ledger.js';

/** As activities/decision-time.ts has it, with the server's clock in place of this machine's. */
function elapsed(now: number): number {
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = activityInfo();
  return now + currentAttemptScheduledTimestampMs - scheduledTimestampMs;
}

/**
 * Activities that work on ledgers in memory, by the delivery's id. They decide as the real ones do, by the clock that
 * the workflow gives them.
 */
export function fakeActivities(ledgers: ReadonlyMap<string, FakeLedger>): Activities {
  const of = ({ deliveryId }: { deliveryId: string }): FakeLedger => {
    const ledger = ledgers.get(deliveryId);
    if (!ledger) throw new Error(`no ledger for delivery "${deliveryId}"`);
    return ledger;
  };
  const noFindings = { info: 0, warning: 0, error: 0 };
  const noProof = { counts: {}, root: '0'.repeat(64) };
  return {
    checkParameters: async (input) => {
      const authorSigned = input.signature?.startsWith('well.') === true;
      return { terms: { ...of(input).terms, ...(authorSigned && { authorSigned }) }, findings: noFindings };
    },
    sendProofs: async () => noProof,
    dryRun: async (input) => ({ accepted: of(input).messages.length }),
    countDryRun: async () => ({}),
    discardAnalysis: async () => undefined,
    abandonProofs: async () => noProof,
    computeTarget: async (input) => ({ firstSeq: 1, lastSeq: of(input).messages.length }),
    prepareBatch: async () => undefined,
    runControlRules: async () => noFindings,
    sealAnalysis: async (input) => of(input).sealed(),
    verifySignatures: async ({ commands }) =>
      commands.map(({ command }) => (command.signature?.startsWith('well.') ? {} : { reason: 'it is forged' })),
    requestDecision: async (input) => of(input).requestDecision({ ...input, at: elapsed(input.at) }),
    confirmDelivery: async () => ({}),
    withdrawApproval: async () => undefined,
    setControl: async (input) => {
      of(input).setControl(input.control);
    },
    setRate: async () => undefined,
    awaitSettled: async () => ({}),
    sendBatch: async (input) => of(input).sendBatch({ ...input, now: elapsed(input.now) }),
    sendBatches: async (input) => of(input).sendBatch({ ...input, now: elapsed(input.now) }),
    planRetries: async (input) => of(input).planRetries(input),
    judgeCanary: async (input) => of(input).judgeCanary(input),
    judgeBreaker: async (input) => of(input).judgeBreaker(),
    tellHold: async (input) => of(input).tellHold(input),
    tellEnd: async () => ({ counts: {} }),
    resolveInDoubt: async () => ({ accepted: true, messages: 0 }),
    inspectLedger: async (input) => {
      const open = of(input).open().length;
      return { open, waiting: open, sealBroken: false };
    },
    finishDelivery: async (input) => ({ counts: of(input).close() }),
    exportHistories: async ({ awaitClose }) => ({ closed: awaitClose }),
    recordJournal: async (input) => {
      of(input).record(input.entries);
    },
  };
}
