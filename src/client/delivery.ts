import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { CommandInput, CommandName } from '../delivery/command.js';
import type { Resolution } from '../delivery/resolution.js';
import type { ChainedEntry } from '../audit/journal-chain.js';
import { countEntries, readChainedJournal } from '../store/journal.js';
import type { Queryable } from '../store/database.js';
import { attemptRows, type AttemptRow } from '../store/attempts.js';
import { findDelivery, type DeliverySummary } from '../store/deliveries.js';
import { countDomainStatuses, type DomainStatus } from '../store/domain-counts.js';
import { countWaveStatuses, type WaveStatus } from '../store/wave-counts.js';
import { dryRunRows, type DryRunRow } from '../store/dry-run.js';
import type { StoredHistory } from '../store/histories.js';
import { ledgerPage, type LedgerPage } from '../store/ledger-page.js';
import { ledgerRows, type LedgerFilter, type LedgerRow } from '../store/messages.js';
import { insertRevision } from '../store/revisions.js';
import { readStillness, type Stillness } from '../store/stillness.js';
import {
  commandSignals,
  commandUpdates,
  deliveryWorkflowId,
  inDoubtWorkflowId,
  taskQueues,
  statusQuery,
  type DeliveryResult,
  type DeliveryStatus,
} from '../../workflows/messages.js';
import type { delivery } from '../../workflows/delivery.js';
import type { resolveInDoubt } from '../../workflows/resolve-in-doubt.js';
import type { Connections } from './connection.js';
import type { LocatedFinding } from './definition-faults.js';
import type { DefinitionFiles } from './definition-files.js';
import type { DefinitionSource, RevisionParts } from './definition-source.js';
import type { EditableRevision } from './editable-revision.js';
import type { ContactDate } from './rescheduled.js';
import type { FileTarget, GivenFile } from './recipients-target.js';
import {
  describeDelivery,
  describeFigures,
  describeStanding,
  type DeliveryDescription,
  type DeliveryFigures,
  type DeliveryStanding,
} from './delivery-description.js';
import { deliveryRuns } from './delivery-histories.js';
import { CommandRefusedError, DeliveryNotFoundError, SealpostError } from './errors.js';
import { translated } from './failure-translation.js';
import type { MessageName, MirrorPage } from './mirror-page.js';
import type { SystemKey } from '../audit/system-key.js';
import type { AuditBundleOptions } from './audit-export.js';
import type { DeliveryReport, ReportOptions, RevisionDifference } from './delivery-report.js';
import type { Preview, Recipient } from './preview.js';
import type { OwnDecision, OwnReview, SubmissionToSign, TextToSign } from './operator-signatures.js';
import { progressOf, type DeliveryProgress } from './delivery-progress.js';

/** What became of a command: taken, or waiting for a worker to come. A refusal is a {@link CommandRefusedError}. */
export interface CommandResult {
  state: 'accepted' | 'queued';
}

/** Names a command: given once more under the same id, it counts once, and has the verdict that it had. */
interface Named {
  /** 1–64 characters. @default another one for each call */
  commandId?: string;
}

/** Who gives a command, and why. */
export interface By extends Named {
  /** Operator id. */
  operator: string;
  /** At most 1,000 characters. It stays in workflow history: no addresses, no names of recipients. */
  comment?: string;
}

/** Who submits a revision. */
type Author = By & {
  /** Made elsewhere, of what was given to sign. */
  signature?: string;
};

/** Without a running worker an Update would wait for ever; after this the command is sent as a signal. */
const updateTimeoutMs = 3_000;

/** One delivery, to be steered and watched. All commands may be repeated. */
export class Delivery {
  constructor(
    readonly id: string,
    private readonly connections: Connections,
  ) {}

  /** Its workflow's id, for Temporal's own tools. */
  get workflowId(): string {
    return deliveryWorkflowId(this.id);
  }

  /**
   * One recipient's message as the current revision makes it; nothing is sent or written. Needs no Temporal.
   *
   * @param which - row of the target, or address; without it, its first profile with an address
   * @throws DeliveryNotFoundError; DefinitionError for a recipient who is not there or cannot be filled in
   */
  async preview(which?: Recipient): Promise<Preview> {
    const { previewStored } = await import('./preview.js');
    return await translated(() => previewStored(this.connections.database, this.id, which));
  }

  /**
   * Where a message that was sent can be seen in a browser; see `mirror` in the definition. Needs no Temporal.
   *
   * @throws DeliveryNotFoundError; SealpostError `MIRROR_PAGE_NOT_FOUND`, which says why there is no page
   */
  async mirrorPage(message: MessageName): Promise<MirrorPage> {
    const { mirrorPageOf } = await import('./mirror-page.js');
    return await translated(() => mirrorPageOf(this.connections.database, this.id, message));
  }

  /**
   * Submits a new revision: the delivery goes back to its first step; proofs, analysis and decisions of the old one
   * count no more. The definition must not name another delivery. It is signed with the author's key where there is one, as
   * {@link decide} is.
   *
   * @param recipients - a file in place of the one that a definition on disk names; or the current revision's target
   * @throws DefinitionError, DeliveryNotFoundError, CommandRefusedError; SealpostError `KEY_UNUSABLE`, `SIGNATURE_REFUSED`
   */
  async revise(
    source: DefinitionSource,
    by: Author,
    recipients?: GivenFile | 'kept',
  ): Promise<CommandResult & { revision: string }> {
    const parts = await this.partsOf(source, recipients);
    return await this.submit(by, () => Promise.resolve(parts));
  }

  /**
   * What the author signs to {@link revise} so, where the key is on another machine than this code. All of it is read, and
   * nothing stored.
   *
   * @throws DefinitionError, DeliveryNotFoundError
   */
  async revisionToSign(
    source: DefinitionSource,
    { operator }: Pick<By, 'operator'>,
    recipients?: GivenFile | 'kept',
  ): Promise<SubmissionToSign> {
    const parts = await this.partsOf(source, recipients);
    return await this.toSign(operator, () => Promise.resolve(parts));
  }

  private async partsOf(source: DefinitionSource, recipients?: GivenFile | 'kept'): Promise<RevisionParts> {
    const { partsOf, readDefinition } = await import('./definition-source.js');
    const given = recipients === 'kept' ? { target: await this.keptTarget() } : recipients ? { recipients } : {};
    const definition = await readDefinition(source, {
      ...given,
      id: this.id,
      env: this.connections.env,
      sameId: true,
    });
    return partsOf(definition);
  }

  private async toSign(author: string, parts: () => Promise<RevisionParts>): Promise<SubmissionToSign> {
    const { submissionToSign } = await import('./operator-signatures.js');
    return await translated(async () => {
      await this.demandKnown();
      return await submissionToSign(this.id, author, await parts());
    });
  }

  /**
   * The current revision as its author gave it, to be changed and given to {@link revise}.
   *
   * @throws DeliveryNotFoundError
   */
  async editable(): Promise<EditableRevision> {
    const { currentRevision } = await import('./current-revision.js');
    const { editableRevision } = await import('./editable-revision.js');
    return editableRevision(this.id, await translated(() => currentRevision(this.connections.database, this.id)));
  }

  /** What step 1 would find in a revision with the current one's target. Nothing is stored. */
  async checkDraft(draft: DefinitionFiles): Promise<LocatedFinding[]> {
    const { findingsOf } = await import('./definition-findings.js');
    return await findingsOf({}, draft, { target: await this.keptTarget(), audiences: this.connections.env });
  }

  /** {@link preview} of a revision that is not submitted yet, with the current one's target. */
  async previewDraft(draft: DefinitionFiles, row?: number): Promise<Preview> {
    const { previewFiles } = await import('./preview.js');
    return await previewFiles(draft, row, { target: await this.keptTarget() });
  }

  private async keptTarget(): Promise<FileTarget> {
    const { currentRevision, keptTarget } = await import('./current-revision.js');
    const { database } = this.connections;
    return await translated(async () => keptTarget(database, await currentRevision(database, this.id)));
  }

  /**
   * Gives the delivery another contact date: a new revision of which all else is as in the current one. Its seal must be
   * confirmed again.
   *
   * @throws DefinitionError, DeliveryNotFoundError, CommandRefusedError; SealpostError `KEY_UNUSABLE`, `SIGNATURE_REFUSED`
   */
  async reschedule(to: ContactDate, by: Author): Promise<CommandResult & { revision: string }> {
    const { rescheduled } = await import('./rescheduled.js');
    return await this.submit(by, () => rescheduled(this.connections.database, this.id, to));
  }

  /** What the author signs to {@link reschedule} so; see {@link revisionToSign}. */
  async scheduleToSign(to: ContactDate, { operator }: Pick<By, 'operator'>): Promise<SubmissionToSign> {
    const { rescheduled } = await import('./rescheduled.js');
    return await this.toSign(operator, () => rescheduled(this.connections.database, this.id, to));
  }

  private async submit(
    { signature: given, ...by }: Author,
    parts: () => Promise<RevisionParts>,
  ): Promise<CommandResult & { revision: string }> {
    const { authorSigner } = await import('./operator-signatures.js');
    const { revision, signature } = await translated(async () => {
      const made = await parts();
      const author = await authorSigner(this.connections, {
        delivery: this.id,
        author: by.operator,
        approval: made.settings.approval,
        signature: given,
      });
      const { hash } = await insertRevision(this.connections.database, {
        purpose: 'revise',
        deliveryId: this.id,
        author: by.operator,
        ...made,
        ...(author?.hash !== undefined && { hash: author.hash }),
      });
      return { revision: hash, signature: await author?.sign(hash) };
    });
    const signed = signature !== undefined && { signature };
    return { ...(await this.command('revise', { ...by, revision, ...signed })), revision };
  }

  /**
   * Confirms or rejects the seal that the analysis gave, or takes the operator's own confirmation back. It is signed with
   * the operator's key (`SEALPOST_KEYS`, `SEALPOST_KEY`) where there is one and no signature is given.
   *
   * @param decision - its `signature` was made elsewhere, of what {@link textToSign} gave
   * @throws CommandRefusedError with the policy's reason; SealpostError `KEY_UNUSABLE`
   */
  async decide({
    commandId,
    signature: given,
    ...decision
  }: OwnDecision & Named & { signature?: string }): Promise<CommandResult> {
    const { signatureOfDecision } = await import('./operator-signatures.js');
    const signature = given ?? (await translated(() => signatureOfDecision(this.connections, this.id, decision)));
    return await this.command('decide', {
      ...decision,
      ...(commandId !== undefined && { commandId }),
      ...(signature !== undefined && { signature }),
    });
  }

  /**
   * What is signed to decide so, where the operator's key is on another machine than this code. It counts once.
   *
   * @throws CommandRefusedError where the delivery never had this seal
   */
  async textToSign(decision: OwnDecision): Promise<TextToSign> {
    const { textOfDecision } = await import('./operator-signatures.js');
    const text = await translated(() => textOfDecision(this.connections, this.id, decision));
    if (!text) throw new CommandRefusedError(this.id, 'no analysis of it has come to this seal');
    return text;
  }

  /** Sends another numbered proof of the current revision to its proof recipients. */
  async sendProof(by: By): Promise<CommandResult> {
    return await this.command('sendProof', by);
  }

  /**
   * Has the relay asked about each recipient of the sealed target: MAIL and RCPT as when it is sent, then RSET. Nothing is
   * sent, and what is found counts for nothing. {@link dryRunResults} has it, in place of what an earlier one found.
   *
   * @throws CommandRefusedError before the seal and once sending has begun
   */
  async dryRun(by: By): Promise<CommandResult> {
    return await this.command('dryRun', by);
  }

  /**
   * Ends an analysis that is under way and leaves nothing of it behind; {@link startAnalysis} or {@link revise} goes on.
   *
   * @throws CommandRefusedError where none is
   */
  async stopAnalysis(by: By): Promise<CommandResult> {
    return await this.command('stopAnalysis', by);
  }

  /**
   * Analyses the current revision once more, after the analysis was stopped, had errors, or its seal was rejected: who
   * came onto the denylist or left it since counts then. Decisions on the earlier seal count no more.
   */
  async startAnalysis(by: By): Promise<CommandResult> {
    return await this.command('startAnalysis', by);
  }

  /**
   * A reviewer's word on what a proof shows. The last one of each reviewer counts, until a new revision comes. It is signed
   * with the reviewer's key where there is one, as {@link decide} is.
   *
   * @throws CommandRefusedError for who is no reviewer, and for a proof that is stale, unknown or was not sent; SealpostError
   *   `KEY_UNUSABLE`
   */
  async reviewProof({
    signature: given,
    ...review
  }: OwnReview & Named & { signature?: string }): Promise<CommandResult> {
    const { signatureOfReview } = await import('./operator-signatures.js');
    const signature = given ?? (await translated(() => signatureOfReview(this.connections, this.id, review)));
    return await this.command('reviewProof', { ...review, ...(signature !== undefined && { signature }) });
  }

  /**
   * What is signed to review so; see {@link textToSign}.
   *
   * @throws CommandRefusedError where there is no such proof
   */
  async reviewToSign(review: OwnReview): Promise<TextToSign> {
    const { textOfReview } = await import('./operator-signatures.js');
    const text = await translated(() => textOfReview(this.connections, this.id, review));
    if (!text) throw new CommandRefusedError(this.id, 'there is no such proof of it');
    return text;
  }

  /** Nothing more leaves until {@link resume}; what a relay is taking right now is seen through. */
  async pause(by: By): Promise<CommandResult> {
    return await this.command('pause', by);
  }

  async resume(by: By): Promise<CommandResult> {
    return await this.command('resume', by);
  }

  /**
   * How fast messages leave from now on, over all workers, while the delivery is sent.
   *
   * @param change - the rate as `100/min`, or `unlimited`
   * @throws CommandRefusedError before the delivery is confirmed: `sending.rate` is a setting then
   */
  async setRate(change: By & { rate: string }): Promise<CommandResult> {
    return await this.command('setRate', change);
  }

  /** Ends the delivery for good: what has not left is canceled. */
  async stop(by: By): Promise<CommandResult> {
    return await this.command('stop', by);
  }

  /**
   * Decides on messages in doubt, of which nobody can know whether the relay took them. Also after the delivery has ended.
   *
   * @returns how many messages it concerned; `queued` where no worker has taken it up yet
   * @throws CommandRefusedError, DeliveryNotFoundError
   */
  async resolveInDoubt({
    commandId = randomUUID(),
    ...decision
  }: By & Pick<Resolution, 'verdict' | 'messages'>): Promise<CommandResult & { messages?: number }> {
    return await translated(async () => {
      // It would be refused, but only once a worker comes.
      await this.demandKnown();
      const handle = await this.connections.temporal.workflow
        .start<typeof resolveInDoubt>('resolveInDoubt', {
          workflowId: inDoubtWorkflowId(this.id),
          taskQueue: taskQueues.delivery,
          staticSummary: `Messages of delivery ${this.id} in doubt: ${decision.verdict}`,
          args: [{ ...decision, deliveryId: this.id, id: commandId }],
        })
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          throw new CommandRefusedError(this.id, 'another decision on its messages in doubt is being carried out');
        });
      const result = await Promise.race([handle.result(), delay(updateTimeoutMs, undefined, { ref: false })]);
      if (!result) return { state: 'queued' };
      if (!result.accepted) throw new CommandRefusedError(this.id, result.reason ?? 'no reason was given');
      return { state: 'accepted', messages: result.messages };
    });
  }

  /** Its line in the list of deliveries. @throws DeliveryNotFoundError */
  async summary(): Promise<DeliverySummary> {
    return await translated(() => this.demandKnown());
  }

  /** Its line in the list and how long its journal is: whether anything has changed, asked cheaply and often. */
  async glance(): Promise<DeliverySummary & { entries: number }> {
    return await translated(async () => ({
      ...(await this.demandKnown()),
      entries: await countEntries(this.connections.database, this.id),
    }));
  }

  /** Everything that there is to know of it, from the ledger: needs neither a worker nor the Temporal server. */
  async show(): Promise<DeliveryDescription> {
    return await translated(() => describeDelivery(this.connections.database, this.id));
  }

  /** Where it stands: {@link show} without its {@link figures}. Takes as long for a million messages as for ten. */
  async standing(): Promise<DeliveryStanding> {
    return await translated(() => describeStanding(this.connections.database, this.id));
  }

  /** What a look at all of its messages tells. */
  async figures(): Promise<DeliveryFigures> {
    const { database } = this.connections;
    return await translated(async () => describeFigures(database, await describeStanding(database, this.id)));
  }

  /**
   * What a decision is made by: findings, counts, sizes, messages as their readers see them, and how the current revision
   * differs from another one. Memory and time hardly grow with the target. Needs neither a worker nor Temporal.
   *
   * @throws DeliveryNotFoundError; SealpostError `REVISION_NOT_FOUND` for a revision to compare with that is not there
   */
  async report(options: ReportOptions = {}): Promise<DeliveryReport> {
    const { reportOf } = await import('./delivery-report.js');
    return await translated(() => reportOf(this.connections.database, this.id, options));
  }

  /**
   * How the current revision differs from another one: what {@link report} tells of it, alone.
   *
   * @returns undefined where there is no other
   * @throws as {@link report}
   */
  async difference(options: ReportOptions = {}): Promise<RevisionDifference | undefined> {
    const { differenceOf } = await import('./delivery-report.js');
    return await translated(() => differenceOf(this.connections.database, this.id, options));
  }

  /**
   * The journal with its chain of hashes, in order; {@link checkChain} tells whether it is unbroken. Needs Postgres alone.
   *
   * @throws DeliveryNotFoundError
   */
  async journal(): Promise<ChainedEntry[]> {
    return await translated(async () => {
      await this.demandKnown();
      return await readChainedJournal(this.connections.database, this.id);
    });
  }

  /** Where it stands and how many messages have which status, from the ledger. */
  async progress(): Promise<DeliveryProgress> {
    return await translated(() => progressOf(this.connections.database, this.id));
  }

  /** What became of the messages to the commonest domains, and to all others together: it looks at all of them. */
  async domains(limit = 10): Promise<DomainStatus[]> {
    return await translated(() => countDomainStatuses(this.connections.database, this.id, limit));
  }

  /** What became of the messages of each wave; none where it has no waves. It looks at all messages. */
  async waves(): Promise<WaveStatus[]> {
    return await translated(() => countWaveStatuses(this.connections.database, this.id));
  }

  /**
   * Since when a {@link pause} or a {@link stop} holds: from then on a relay sees no message to a recipient. Before it, what had
   * begun is seen through, which takes as long as the relay does.
   *
   * @throws DeliveryNotFoundError
   */
  async stillness(): Promise<Stillness> {
    return await translated(async () => {
      const stillness = await readStillness(this.connections.database, this.id);
      if (stillness) return stillness;
      await this.demandKnown();
      return { phase: 'checking' };
    });
  }

  /** What the workflow itself says; needs a running worker. */
  async status(): Promise<DeliveryStatus> {
    return await this.asked(() => this.handle.query(statusQuery));
  }

  /** Rows of the ledger in order of sequence; memory does not grow with the delivery. */
  messages(filter: LedgerFilter = {}): AsyncGenerator<LedgerRow> {
    return ledgerRows(this.connections.database, this.id, filter);
  }

  /** The next rows of the ledger after a sequence number; it takes a bounded time, however many messages there are. */
  async messagePage(filter: LedgerFilter): Promise<LedgerPage> {
    return await translated(() => ledgerPage(this.connections.database, this.id, filter));
  }

  /**
   * Every attempt at those messages, in order: when it was made, what came of it and what the relay said.
   *
   * @param filter - of messages; its `limit` counts attempts
   */
  attempts(filter: LedgerFilter = {}): AsyncGenerator<AttemptRow> {
    return attemptRows(this.connections.database, this.id, filter);
  }

  /** What the relay said of each recipient in the last dry run, in order of sequence. */
  dryRunResults(filter: { address?: string; after?: number; limit?: number } = {}): AsyncGenerator<DryRunRow> {
    return dryRunRows(this.connections.database, this.id, filter);
  }

  /**
   * Waits until the delivery has ended, however long that takes.
   *
   * @returns finished, stopped, expired or failed, with the count of messages by status
   */
  async outcome(): Promise<DeliveryResult> {
    return await this.asked(() => this.handle.result());
  }

  /**
   * Histories of the delivery's workflows, all runs: kept ones once it has closed, else as Temporal has them now.
   *
   * @throws DeliveryNotFoundError; SealpostError `TEMPORAL_UNAVAILABLE` where they must be asked for
   */
  async histories(): Promise<StoredHistory[]> {
    return await translated(async () => {
      await this.demandKnown();
      const found: StoredHistory[] = [];
      for await (const run of deliveryRuns(this.connections.temporal, this.connections.database, this.id))
        found.push(run);
      return found;
    });
  }

  /**
   * Everything that an auditor needs of it, as lines of one file, signed; memory does not grow with the delivery. Needs
   * Temporal only until the delivery has ended.
   *
   * @param write - gets the lines in order, each with its line feed
   * @throws DeliveryNotFoundError
   */
  async auditBundle(options: AuditBundleOptions, write: (line: string) => Promise<void>): Promise<void> {
    const { writeAuditBundle } = await import('./audit-export.js');
    const runs = (tx: Queryable) => deliveryRuns(this.connections.temporal, tx, this.id);
    await translated(() => writeAuditBundle(this.connections.database, this.id, options, runs, write));
  }

  /**
   * What shows that one message is under the seal, and nothing of any other one: the text of a JSON file, signed.
   *
   * @throws DeliveryNotFoundError; SealpostError `NO_PROOF` for a message that is under no seal
   */
  async messageProof(seq: number, key: SystemKey): Promise<string> {
    const { messageProofText } = await import('./audit-export.js');
    return await translated(() => messageProofText(this.connections.database, { deliveryId: this.id, seq }, key));
  }

  private async demandKnown(): Promise<DeliverySummary> {
    const found = await findDelivery(this.connections.database, this.id);
    if (!found) throw new DeliveryNotFoundError(this.id);
    return found;
  }

  private get handle() {
    return this.connections.temporal.workflow.getHandle<typeof delivery>(this.workflowId);
  }

  private async command<N extends CommandName>(
    name: N,
    { commandId: id = randomUUID(), ...given }: CommandInput<N> & Named,
  ): Promise<CommandResult> {
    // One id for Update and signal: whichever of them arrives second counts for nothing.
    const args = [{ ...given, id }] as unknown as [CommandInput<N>];
    // The definitions are keyed by name; TypeScript cannot follow one key through both tables.
    const update = commandUpdates[name] as unknown as (typeof commandUpdates)['pause'];
    const signal = commandSignals[name] as unknown as (typeof commandSignals)['pause'];
    return await this.asked(async () => {
      try {
        const verdict = await this.connections.temporal.withDeadline(Date.now() + updateTimeoutMs, () =>
          this.handle.executeUpdate(update, { args }),
        );
        if (!verdict.accepted) throw new CommandRefusedError(this.id, verdict.reason ?? 'no reason was given');
        return { state: 'accepted' };
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) {
          // It has arrived, and is judged by the run that follows.
          const type = error.cause instanceof ApplicationFailure ? error.cause.type : undefined;
          if (type === 'StillUnverified') return { state: 'queued' };
          // The server's own word: the delivery ended as the command came.
          if (type === 'AcceptedUpdateCompletedWorkflow') throw await this.ended();
          throw new CommandRefusedError(
            this.id,
            error.cause instanceof Error ? error.cause.message : 'it is malformed',
          );
        }
        if (!isUnanswered(error)) throw error;
        await this.handle.signal(signal, ...(args as never as [never]));
        return { state: 'queued' };
      }
    });
  }

  private async asked<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await translated(call);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw await this.ended();
      throw error;
    }
  }

  /** @throws DeliveryNotFoundError where there never was such a delivery */
  private async ended(): Promise<SealpostError> {
    const { phase } = await this.progress();
    return new SealpostError('DELIVERY_ENDED', `Delivery "${this.id}" is ${phase}: it takes no more commands.`);
  }
}

/** gRPC: RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED. */
const turnedAway = [8, 9, 10];

/**
 * No worker, too many Updates in flight, a workflow task that failed, a run that was ending: a signal gets through where
 * an Update does not.
 */
function isUnanswered(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && turnedAway.includes(cause.code);
}
