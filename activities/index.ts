import { Context } from '@temporalio/activity';
import { setTimeout as delay } from 'node:timers/promises';
import { holdCanary } from '../src/delivery/canary.js';
import type { DryRunCounts } from '../src/delivery/dry-run.js';
import { parseRate, unlimited } from '../src/delivery/rate.js';
import type { FindingCounts } from '../src/delivery/finding.js';
import type { LargeParts } from '../src/delivery/large-parts.js';
import type { JournalEntry } from '../src/delivery/journal-entry.js';
import type { StatusCounts } from '../src/delivery/message-status.js';
import type { FinalPhase } from '../src/delivery/phase.js';
import type { DecisionRequestInput, DecisionRequestResult } from '../src/delivery/process-requests.js';
import type { Control, RevisionTerms } from '../src/delivery/process.js';
import type { ProofResult } from '../src/delivery/proof-progress.js';
import { retryGrainMs } from '../src/delivery/retry-timetable.js';
import { discardAnalysis } from '../src/store/discard-analysis.js';
import { dryRunCounts } from '../src/store/dry-run.js';
import { appendJournal } from '../src/store/journal.js';
import { withdrawApproval } from '../src/store/preparation.js';
import { setRate } from '../src/store/delivery-rate.js';
import * as progress from '../src/store/progress.js';
import type { RevisionRef } from '../src/store/revision-reader.js';
import { computeTarget } from '../src/store/target.js';
import { checkParameters } from './check-parameters.js';
import { confirmDelivery } from './confirm-delivery.js';
import type { Dependencies } from './dependencies.js';
import { dryRun } from './dry-run.js';
import { exportHistories } from './export-histories.js';
import { finishDelivery } from './finish-delivery.js';
import { heartbeating } from './heartbeating.js';
import { judgeBreaker } from './judge-breaker.js';
import { prepareBatch } from './prepare-batch.js';
import { makeRevisionReader, type CompiledRevision } from './read-compiled-revision.js';
import { requestDecision } from './request-decision.js';
import { resolveInDoubt } from './resolve-in-doubt.js';
import { runControlRules } from './run-control-rules.js';
import { sealAnalysis } from './seal-analysis.js';
import { sendBatches, type BatchEnd, type SendBatchInput } from './send-batches.js';
import { proofResult, sendProofs } from './send-proofs.js';
import { tellEnd, tellHold, type EndNoticeInput, type HoldNoticeInput, type NoticeResult } from './tell-operators.js';
import { verifySignatures } from './verify-signatures.js';
import type { CheckedSignature } from '../src/delivery/signed-statement.js';
import { approvedRevision } from '../src/store/revisions.js';

export type Activities = ReturnType<typeof createActivities>;

/**
 * The activities by the names that workflows call them by. Inputs and results are all that enters history: ids, counts,
 * hashes, times.
 */
export function createActivities(dependencies: Dependencies) {
  const { database } = dependencies;
  const read = makeRevisionReader(database);
  const readApproved = async (deliveryId: string): Promise<CompiledRevision> =>
    await read({ deliveryId, revision: await approvedRevision(database, deliveryId) });

  return {
    checkParameters: async (
      input: Parameters<typeof checkParameters>[2],
    ): Promise<{ terms: RevisionTerms; findings: FindingCounts }> =>
      await checkParameters(dependencies, await read(input), input),

    sendProofs: async (input: RevisionRef & { proof: number }): Promise<ProofResult> =>
      await sendProofs(dependencies, await read(input), input),

    /** Gives up a proof that the relay did not take. */
    abandonProofs: async ({ deliveryId, proof }: RevisionRef & { proof: number }): Promise<ProofResult> => {
      await progress.closeMessages(database, deliveryId, proof);
      return await proofResult(database, deliveryId, proof);
    },

    dryRun: async (input: Parameters<typeof dryRun>[2]): Promise<DryRunCounts> =>
      await dryRun(dependencies, await read(input), input),

    countDryRun: async ({ deliveryId }: { deliveryId: string }): Promise<DryRunCounts> =>
      await dryRunCounts(database, deliveryId),

    computeTarget: async (input: RevisionRef & { anew?: boolean }): Promise<{ firstSeq: number; lastSeq: number }> => {
      const revision = await read(input);
      return await heartbeating((beat) =>
        computeTarget(database, revision, (profiles) => beat({ profiles }), {
          signal: Context.current().cancellationSignal,
          anew: input.anew === true,
        }),
      );
    },

    prepareBatch: async (input: RevisionRef & { from: number; to: number }): Promise<LargeParts | undefined> =>
      await prepareBatch(dependencies, await read(input), input),

    runControlRules: async (input: RevisionRef & LargeParts): Promise<FindingCounts> =>
      await runControlRules(dependencies, await read(input), input),

    sealAnalysis: async (ref: RevisionRef): ReturnType<typeof sealAnalysis> =>
      await sealAnalysis(dependencies, await read(ref)),

    discardAnalysis: async (ref: RevisionRef): Promise<void> => {
      const revision = await read(ref);
      await heartbeating(() => discardAnalysis(database, revision));
    },

    verifySignatures: async (input: Parameters<typeof verifySignatures>[2]): Promise<CheckedSignature[]> =>
      await verifySignatures(dependencies, await read(input), input),

    requestDecision: async (input: DecisionRequestInput): Promise<DecisionRequestResult> =>
      await requestDecision(dependencies, await read(input), input),

    confirmDelivery: async (input: RevisionRef & { seal: string }): Promise<{ refused?: string }> =>
      await confirmDelivery(dependencies, await read(input), input),

    withdrawApproval: async ({ deliveryId }: { deliveryId: string }): Promise<void> =>
      await withdrawApproval(database, deliveryId),

    setRate: async ({ deliveryId, rate }: { deliveryId: string; rate: string }): Promise<void> =>
      await heartbeating(() => setRate(database, deliveryId, rate === unlimited ? undefined : parseRate(rate))),

    setControl: async (input: { deliveryId: string; control: Control }): Promise<void> =>
      await progress.setControl(database, input.deliveryId, input.control),

    /** Waits until no message is between claim and reply. @returns when the last one left, ISO 8601 */
    awaitSettled: async ({ deliveryId }: { deliveryId: string }): Promise<{ lastSentAt?: string }> =>
      await heartbeating(async (beat) => {
        for (;;) {
          const { sending, lastSentAt } = await progress.inspect(database, deliveryId);
          beat({ sending });
          if (sending === 0) return lastSentAt ? { lastSentAt: lastSentAt.toISOString() } : {};
          await delay(200);
        }
      }),

    /** Of workflows that began when an activity sent one batch. */
    sendBatch: async (input: SendBatchInput): Promise<BatchEnd> =>
      await sendBatches(dependencies, await readApproved(input.deliveryId), input),

    /** A name of its own: a worker of before would take a range for one batch, and fence nothing of the others. */
    sendBatches: async (input: SendBatchInput): Promise<BatchEnd> =>
      await sendBatches(dependencies, await readApproved(input.deliveryId), input),

    planRetries: async (input: {
      deliveryId: string;
      firstSeq: number;
      batchSize: number;
      waves?: { firstSeqs: number[]; lastSeq: number };
      validUntil: number;
      now: number;
    }): Promise<progress.RetryPlan> => {
      if (input.now > input.validUntil) await progress.expireMessages(database, input.deliveryId);
      const { settings } = await readApproved(input.deliveryId);
      return await progress.planRetries(database, input.deliveryId, {
        ...input,
        grainMs: retryGrainMs(settings.sending.retries),
      });
    },

    resolveInDoubt: async (input: Parameters<typeof resolveInDoubt>[1]): ReturnType<typeof resolveInDoubt> =>
      await resolveInDoubt(dependencies, input),

    judgeCanary: async ({
      deliveryId,
      ...range
    }: {
      deliveryId: string;
      firstSeq: number;
      lastSeq: number;
    }): Promise<{ heldFor?: string }> => {
      const { canary } = (await readApproved(deliveryId)).settings.sending;
      const heldFor = canary && holdCanary(canary, await progress.countRange(database, deliveryId, range));
      return heldFor === undefined ? {} : { heldFor };
    },

    judgeBreaker: async ({ deliveryId }: { deliveryId: string }): Promise<{ heldFor?: string }> =>
      await judgeBreaker(dependencies, await readApproved(deliveryId), deliveryId),

    tellHold: async (input: HoldNoticeInput): Promise<NoticeResult> =>
      await tellHold(dependencies, await readApproved(input.deliveryId), input),

    tellEnd: async (input: EndNoticeInput): Promise<NoticeResult> =>
      await tellEnd(dependencies, await read(input), input),

    inspectLedger: async ({
      deliveryId,
    }: {
      deliveryId: string;
    }): Promise<{ open: number; waiting: number; sealBroken: boolean }> => {
      const { open, waiting, sealBroken } = await progress.inspect(database, deliveryId);
      return { open, waiting, sealBroken };
    },

    finishDelivery: async (input: { deliveryId: string; outcome: FinalPhase }): Promise<{ counts: StatusCounts }> =>
      await finishDelivery(dependencies, readApproved, input),

    exportHistories: async (input: {
      deliveryId: string;
      workflowIds: string[];
      runId?: string;
      awaitClose: boolean;
    }): Promise<{ closed: boolean }> => await exportHistories(dependencies, input),

    recordJournal: async (input: { deliveryId: string; entries: JournalEntry[] }): Promise<void> =>
      await appendJournal(database, input.deliveryId, input.entries),
  };
}
