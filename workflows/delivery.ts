import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import { batchesOf, type Batch } from '../src/delivery/batch.js';
import type { JournalEntry } from '../src/delivery/journal-entry.js';
import type { FinalPhase } from '../src/delivery/phase.js';
import { isFinal } from '../src/delivery/phase.js';
import { enter, note } from '../src/delivery/journal-notes.js';
import { largerParts } from '../src/delivery/large-parts.js';
import {
  initialState,
  isInterrupted,
  stopNow,
  submissionEntry,
  takeRevision,
  type ProcessState,
  type RevisionTerms,
} from '../src/delivery/process.js';
import { approval, concludeDecision, expiryOf, withholdRelease } from '../src/delivery/process-approval.js';
import { beginProof, endProof, type ProofResult } from '../src/delivery/proof-progress.js';
import { tellPhase } from './current-details.js';
import { listen, type Arrivals } from './delivery-messages.js';
import { makeDryRuns } from './make-dry-runs.js';
import { requestDecisions } from './request-decisions.js';
import { superviseSending } from './supervise-sending.js';
import { keepHistories } from './keep-histories.js';
import {
  deliveryEndedSignal,
  endNoticeWorkflowId,
  historiesWorkflowId,
  type DeliveryInput,
  type DeliveryResult,
} from './messages.js';
import { startAbandoned } from './start-abandoned.js';
import { startWhenDue } from './start-when-due.js';
import { long, proofing, quick } from './steps.js';
import { tell } from './tell.js';
import { tellEnd } from './tell-end.js';
import { concerned, tellHolds } from './tell-holds.js';
import { unlessOvertaken } from './unless-overtaken.js';
import { untilVerified, verifySignatures } from './verify-signatures.js';

/** A run takes at most 10,000 signals and 2,000 Updates; past that even `stop` would be refused. */
const commandsPerRun = 1_500;
/** `prepareBatch` activities under way at once. */
const analysisWindow = 4;

/**
 * The process of one delivery: parameters, proofs, analysis, a human decision, sending. It decides what happens next;
 * activities do it, and no recipient and no content passes through here.
 */
export async function delivery(input: DeliveryInput): Promise<DeliveryResult> {
  if (input.state && workflowInfo().continuedFromExecutionRunId === undefined)
    throw ApplicationFailure.nonRetryable('only an earlier run hands a state over', 'MalformedInput');
  const state = input.state ?? begin(input);
  return await new DeliveryRun(input.deliveryId, state, listen(state)).run();
}

function begin({ revision, origin }: DeliveryInput): ProcessState {
  const state = initialState(revision, origin);
  const { operator, rules } = origin;
  note(state, Date.now(), { kind: 'started', operator, revision, rules, ...submissionEntry(origin) });
  return state;
}

class DeliveryRun {
  private told = '';
  /** Entries that an activity is writing just now. */
  private inFlight: JournalEntry[] = [];
  private failure: string | undefined;

  constructor(
    private readonly deliveryId: string,
    private readonly state: ProcessState,
    private readonly arrivals: Arrivals,
  ) {}

  async run(): Promise<DeliveryResult> {
    // Temporal's own "cancel" is an operator's stop: what has begun is seen through, the ledger is left in order.
    CancellationScope.current().cancelRequested.catch(() => {
      note(this.state, Date.now(), { kind: 'stop', accepted: true, reason: 'the workflow was cancelled' });
      this.state.stopping = true;
    });
    return await CancellationScope.nonCancellable(async () => {
      await this.startKeepingHistories();
      const verifying = verifySignatures(this.deliveryId, this.state, this.arrivals);
      const requesting = requestDecisions(this.deliveryId, this.state);
      const trying = makeDryRuns(this.deliveryId, this.state);
      const telling = tellHolds(this.deliveryId, this.state);
      return await Promise.race([this.process(), this.keepJournal(), verifying, requesting, trying, telling]);
    });
  }

  private async process(): Promise<DeliveryResult> {
    const { state } = this;
    for (;;) {
      this.tellPhase();
      if (isFinal(state.phase)) return await this.end(state.phase);
      if (this.mustContinueAsNew()) await this.continueAsNew();
      try {
        await this.advance();
      } catch (error) {
        if (!(error instanceof ActivityFailure)) throw error;
        this.fail(error);
      }
    }
  }

  private async startKeepingHistories(): Promise<void> {
    const { deliveryId, state } = this;
    if (state.keepingHistories) return;
    await startAbandoned(keepHistories, {
      workflowId: historiesWorkflowId(deliveryId),
      staticSummary: `Histories of delivery ${deliveryId}`,
      args: [{ deliveryId }],
    });
    state.keepingHistories = true;
  }

  private tellPhase(): void {
    const { phase, revision, sealed, heldFor } = this.state;
    const now = [phase, revision, sealed?.seal, heldFor].join(' ');
    if (now !== this.told) tellPhase(this.state);
    this.told = now;
  }

  /** One step of the process, by where it stands. */
  private async advance(): Promise<void> {
    const { state } = this;
    if (state.stopping && state.control === undefined) return stopNow(state, Date.now());
    if (state.next) return await this.takeRevision();
    if (state.analysis === 'stopping') return await this.discardAnalysis();
    switch (state.phase) {
      case 'checking':
        return await this.check();
      case 'proofing':
        return await this.proof();
      case 'analysing':
        return await this.analyse();
      case 'awaiting-decision':
        return await this.awaitDecision();
      case 'awaiting-revision':
        return await this.awaitRevision();
      case 'scheduled':
        return await startWhenDue(this.deliveryId, state, () => this.mustContinueAsNew());
      case 'sending':
      case 'paused':
        return await superviseSending(this.deliveryId, state, () => this.mustContinueAsNew());
      case 'finished':
      case 'stopped':
      case 'expired':
      case 'failed':
        return;
    }
  }

  private async check(): Promise<void> {
    const { state } = this;
    const { author, signature, submitted, origin } = state;
    const submission = { author, signature, submitted, rules: origin.rules };
    const checked = await this.unlessOvertaken(() => quick.checkParameters({ ...this.subject, ...submission }));
    if (!checked) return;
    state.terms = checked.terms;
    if (checked.findings.error > 0) {
      state.terms.faulty = true;
      state.proofsRequested = 0;
      delete state.proofsAskedBy;
      enter(state, 'awaiting-revision', Date.now(), 'the parameters have errors');
    } else if (checked.terms.hasProofRecipients) {
      state.proofsRequested = Math.max(state.proofsRequested, 1);
      enter(state, 'proofing', Date.now());
    } else enter(state, 'analysing', Date.now());
  }

  private async proof(): Promise<void> {
    await this.sendRequestedProofs();
    if (this.state.proofsRequested === 0) enter(this.state, 'analysing', Date.now());
  }

  private async sendRequestedProofs(): Promise<void> {
    const { state } = this;
    await condition(() => !state.paused || isInterrupted(state) || this.mustContinueAsNew());
    while (state.proofsRequested > 0 && !state.paused && !isInterrupted(state)) {
      const { proof, ...by } = beginProof(state);
      // Not cancelled when overtaken: what has begun to leave is seen through and recorded.
      const { counts, root } = await proofing
        .sendProofs({ ...this.subject, proof })
        .catch(async (): Promise<ProofResult> => await quick.abandonProofs({ ...this.subject, proof }));
      endProof(state, proof, counts, Date.now());
      note(state, Date.now(), { kind: 'proof', proof, ...by, counts, root, revision: state.revision });
    }
  }

  private async analyse(): Promise<void> {
    const { state } = this;
    const done = await this.unlessOvertaken(async () => {
      state.target ??= {
        ...(await long.computeTarget({ ...this.subject, ...(state.anew && { anew: true }) })),
        nextBatch: 0,
      };
      if (!(await this.prepareBatches(state.target))) return undefined;
      const { clipped, oversized } = state.target;
      const large = { ...(clipped && { clipped }), ...(oversized && { oversized }) };
      const findings = await quick.runControlRules({ ...this.subject, ...large });
      return { findings, ...(await long.sealAnalysis(this.subject)) };
    });
    if (!done || isInterrupted(state)) return;
    const now = Date.now();
    const terms = this.terms();
    state.sealed = { ...done, sealedAt: now, expiresAt: expiryOf(terms, now) };
    note(state, now, {
      kind: 'sealed',
      seal: done.seal,
      revision: state.revision,
      counts: { sealed: done.count },
      findings: done.findings,
      expiresAt: new Date(state.sealed.expiresAt).toISOString(),
    });
    enter(state, done.findings.error > 0 ? 'awaiting-revision' : 'awaiting-decision', now);
  }

  private async discardAnalysis(): Promise<void> {
    const { state } = this;
    await long.discardAnalysis(this.subject);
    delete state.target;
    state.analysis = 'stopped';
    enter(state, 'awaiting-revision', Date.now(), 'the analysis was stopped');
  }

  /** @returns false where the run must end first; the next one goes on at `target.nextBatch` */
  private async prepareBatches(target: NonNullable<ProcessState['target']>): Promise<boolean> {
    const all = batchesOf(target, this.terms().sending.batchSize);
    while (target.nextBatch < all.length) {
      const some: Batch[] = all.slice(target.nextBatch, target.nextBatch + analysisWindow);
      const found = await Promise.all(some.map(({ from, to }) => long.prepareBatch({ ...this.subject, from, to })));
      for (const one of found) if (one) Object.assign(target, largerParts(target, one));
      target.nextBatch += some.length;
      if (this.mustContinueAsNew()) return false;
    }
    return true;
  }

  private async awaitDecision(): Promise<void> {
    const { state } = this;
    const undecided = (): boolean => approval(state, Date.now()) === 'waiting' && !isInterrupted(state);
    const expiresIn = (state.sealed?.expiresAt ?? 0) - Date.now();
    if (undecided() && expiresIn > 0) {
      const proofDue = (): boolean => state.proofsRequested > 0 && !state.paused;
      await condition(() => !undecided() || proofDue() || this.mustContinueAsNew(), expiresIn, {
        summary: 'The request for a decision expires',
      });
      if (undecided() && proofDue()) return await this.sendRequestedProofs();
    }
    // A rejection that came before it is judged before it.
    await untilVerified(state);
    if (isInterrupted(state)) return;
    const seal = concludeDecision(state, Date.now());
    if (seal === undefined) return;
    // The worker judges once more, by what stands in the journal.
    if (patched('judged-by-the-journal')) {
      await this.untilRecorded();
      if (isInterrupted(state)) return;
    }
    const { refused } = (await quick.confirmDelivery({ ...this.subject, seal })) ?? {};
    if (isInterrupted(state)) await quick.withdrawApproval({ deliveryId: this.deliveryId });
    else if (refused !== undefined) withholdRelease(state, refused, Date.now());
    else enter(state, 'scheduled', Date.now());
  }

  /** @returns once what is noted now is in the journal: a flood of later entries holds nobody up */
  private async untilRecorded(): Promise<void> {
    const { state } = this;
    const last = state.journalled;
    await condition(() => state.recorded >= last);
  }

  private async awaitRevision(): Promise<void> {
    const { state } = this;
    const proofDue = (): boolean => state.proofsRequested > 0 && !state.paused;
    const starting = (): boolean => state.analysis === 'starting';
    await condition(() => isInterrupted(state) || starting() || proofDue() || this.mustContinueAsNew());
    if (isInterrupted(state)) return;
    if (starting()) {
      delete state.analysis;
      // The largest parts are looked for among the messages that are made.
      if (state.target?.clipped || state.target?.oversized) state.anew = true;
      delete state.target;
      enter(state, 'analysing', Date.now(), 'the analysis was started again');
    } else if (proofDue()) await this.sendRequestedProofs();
  }

  private async takeRevision(): Promise<void> {
    const { state } = this;
    // What was confirmed and waited for its contact date must not be sent any more.
    if (state.phase === 'scheduled') await quick.withdrawApproval({ deliveryId: this.deliveryId });
    takeRevision(state, Date.now());
  }

  private async end(outcome: FinalPhase): Promise<DeliveryResult> {
    const { counts } = await long.finishDelivery({ deliveryId: this.deliveryId, outcome });
    const { state } = this;
    note(state, Date.now(), { kind: 'ended', counts });
    await untilVerified(state);
    await condition(() => state.recorded === state.journalled && allHandlersFinished());
    const reason = state.journalLost ?? this.failure;
    const ending = { outcome, ...(reason === undefined ? {} : { reason }) };
    if (patched('tells-of-its-end'))
      await startAbandoned(tellEnd, {
        workflowId: endNoticeWorkflowId(this.deliveryId),
        staticSummary: `Tells people that delivery ${this.deliveryId} has ended`,
        args: [{ ...this.subject, ...ending, operators: concerned(state), at: Date.now() }],
      });
    await tell(historiesWorkflowId(this.deliveryId), deliveryEndedSignal);
    return { ...ending, counts };
  }

  private fail(error: ActivityFailure): void {
    this.failure = typeOf(error);
    enter(this.state, 'failed', Date.now(), this.failure);
  }

  /** Runs a step that only reads or analyses, and gives it up when a stop or a revision overtakes it. */
  private async unlessOvertaken<T>(step: () => Promise<T>): Promise<T | undefined> {
    return await unlessOvertaken(step, () => isInterrupted(this.state));
  }

  private async keepJournal(): Promise<never> {
    const { state } = this;
    for (;;) {
      await condition(() => state.unrecorded.length > 0);
      this.inFlight = state.unrecorded.splice(0, 100);
      state.offered = this.inFlight.at(-1)?.n ?? 0;
      if (state.journalLost === undefined) await this.record(this.inFlight);
      state.recorded = this.inFlight.at(-1)?.n ?? state.recorded;
      this.inFlight = [];
    }
  }

  /** Where somebody else has written in our name, nothing that is told there could be relied on any more. */
  private async record(entries: JournalEntry[]): Promise<void> {
    const { state, deliveryId } = this;
    try {
      await quick.recordJournal({ deliveryId, entries });
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      state.journalLost = typeOf(error);
      state.stopping = true;
    }
  }

  private mustContinueAsNew(): boolean {
    return this.arrivals.count >= commandsPerRun || workflowInfo().continueAsNewSuggested;
  }

  private async continueAsNew(): Promise<never> {
    // Nothing is waited for that a flood of commands could put off: what is not in the journal yet goes along, and what
    // is being written is written again to no effect.
    await untilVerified(this.state);
    this.arrivals.hurried = true;
    await condition(allHandlersFinished);
    const { state } = this;
    // The state is read here, after the last await: a command that arrived meanwhile is in it.
    const unrecorded = [...this.inFlight, ...state.unrecorded];
    return await continueAsNew<typeof delivery>({
      ...this.subject,
      origin: state.origin,
      state: { ...state, unrecorded },
    });
  }

  private get subject(): { deliveryId: string; revision: string } {
    return { deliveryId: this.deliveryId, revision: this.state.revision };
  }

  private terms(): RevisionTerms {
    if (!this.state.terms) throw ApplicationFailure.nonRetryable('the parameters have not been checked', 'Internal');
    return this.state.terms;
  }
}

function typeOf({ cause }: ActivityFailure): string {
  return (cause instanceof ApplicationFailure && cause.type) || 'Internal';
}
