import { RelayUnavailableError, sanitise } from '../../activities/failures.js';
import { settlementOf } from '../../activities/settlement.js';
import type { BatchEnd, SendBatchInput } from '../../activities/send-batches.js';
import type { HoldNoticeInput, NoticeResult } from '../../activities/tell-operators.js';
import { batchesOfRanges, cutAgain } from '../../src/delivery/batch.js';
import { tripBreaker } from '../../src/delivery/breaker.js';
import { canonicalJson } from '../../src/delivery/canonical-json.js';
import { holdCanary } from '../../src/delivery/canary.js';
import { instantOf } from '../../src/delivery/contact-date.js';
import { hasSchedule, scheduleOf, type Schedule, type ZoneStart } from '../../src/delivery/waves.js';
import { deliverySettingsSchema, type DeliverySettingsInput } from '../../src/delivery/definition.js';
import type { JournalEntry } from '../../src/delivery/journal-entry.js';
import { planAfter, tellAt } from '../../src/delivery/decision-requests.js';
import type { DecisionRequestInput, DecisionRequestResult } from '../../src/delivery/process-requests.js';
import type { MessageStatus, Reason, StatusCounts } from '../../src/delivery/message-status.js';
import type { Phase } from '../../src/delivery/phase.js';
import type { Control, RevisionTerms } from '../../src/delivery/process.js';
import type { TransactionResult } from '../../src/smtp/transaction.js';
import { JournalConflictError } from '../../src/store/journal.js';
import type { RetryPlan } from '../../src/store/progress.js';

export interface FakeMessage {
  seq: number;
  status: MessageStatus;
  reason?: Reason;
  attempts: number;
  /** Milliseconds since the epoch, both. */
  firstAttemptAt?: number;
  nextAttemptAt?: number;
}

/** What the relay does with the nth attempt at a message; `down` is a relay that cannot be reached. */
export type FakeRelay = (seq: number, attempt: number) => TransactionResult | 'down';

export const taken: TransactionResult = { outcome: 'sent', reply: '250 2.0.0 ok' };
export const softRefusal: TransactionResult = { outcome: 'deferred', reason: 'mailbox-full', reply: '452 4.2.2 full' };
const unreachable: TransactionResult = { outcome: 'deferred', reason: 'unreachable', relayFault: true };

export interface FakeDelivery {
  messages: number;
  approval?: DeliverySettingsInput['approval'];
  sending?: DeliverySettingsInput['sending'];
  /** Where recipients have contact dates of their own. */
  zones?: readonly ZoneStart[];
  relay?: FakeRelay;
  /** The relay has retries of its own. */
  enhancedRelay?: boolean;
  /** What happens when people are to be told for the nth time; may throw. */
  asked?: (number: number) => void;
}

/** One delivery's ledger in memory: the statements of src/store, as far as the workflows depend on them. */
export class FakeLedger {
  readonly seal = 'a'.repeat(64);
  readonly terms: RevisionTerms;
  readonly messages: FakeMessage[];
  /** Attempts that reached the relay, or found that it was down. */
  readonly attempts: { seq: number; at: number }[] = [];
  readonly journal: JournalEntry[] = [];
  control: Control = 'run';
  /** What each run of a batch has settled since it last went on, the latest first. */
  private runs: StatusCounts[] = [];
  /** That it has paused by itself, as people were told. */
  readonly toldHolds: HoldNoticeInput[] = [];
  /** How often the plan was asked for. */
  plans = 0;
  private readonly relay: FakeRelay;
  private readonly zones: readonly ZoneStart[] | undefined;
  private readonly waiting: { phase: Phase; times: number; resolve: () => void }[] = [];
  private readonly asked: (number: number) => void;

  constructor(own: FakeDelivery) {
    this.zones = own.zones;
    const { messages, approval, sending, relay = () => taken, enhancedRelay = false, asked = () => undefined } = own;
    const unsigned = { requireSignature: false, ...approval };
    const sender = { address: 'news@garden.example' };
    const settings = { name: 'Time', subject: 'S', sender, approval: unsigned, sending };
    const parsed = deliverySettingsSchema.parse(settings);
    this.terms = {
      owner: 'owner',
      approval: parsed.approval,
      sending: parsed.sending,
      hasProofRecipients: false,
      ...(enhancedRelay && { enhancedRelay }),
    };
    this.messages = Array.from({ length: messages }, (_, index) => ({
      seq: index + 1,
      status: 'pending',
      attempts: 0,
    }));
    this.relay = relay;
    this.asked = asked;
  }

  /** @throws ApplicationFailure as the ledger does, when an entry is written again with other words */
  record(entries: readonly JournalEntry[]): void {
    const known = new Map(this.journal.map((entry) => [entry.n, canonicalJson(entry)]));
    const other = entries.find((entry) => known.has(entry.n) && known.get(entry.n) !== canonicalJson(entry));
    if (other) throw sanitise(new JournalConflictError(`entry ${other.n} is another one`));
    this.journal.push(...entries.filter(({ n }) => !known.has(n)));
    for (const { phase, times, resolve } of this.waiting) if (this.hasReached(phase, times)) resolve();
  }

  /** Waits until the journal says that a phase was entered; no time is skipped meanwhile. */
  async reached(phase: Phase, times = 1): Promise<void> {
    if (this.hasReached(phase, times)) return;
    await new Promise<void>((resolve) => this.waiting.push({ phase, times, resolve }));
  }

  /** What the analysis comes to. */
  sealed(): { seal: string; count: number; schedule?: Schedule } {
    const { sending } = this.terms;
    const count = this.messages.length;
    const { at, timeZone = 'UTC' } = sending;
    const startsAt =
      this.zones?.[0]?.startsAt ?? (at === undefined ? undefined : new Date(instantOf(at, timeZone)).toISOString());
    const target = {
      firstSeq: 1,
      lastSeq: count,
      messages: count,
      ...(startsAt !== undefined && { startsAt }),
      ...(this.zones && { zones: this.zones }),
    };
    const schedule = hasSchedule(sending) ? { schedule: scheduleOf(sending, target, (nth) => nth) } : {};
    return { seal: this.seal, count, ...schedule };
  }

  judgeCanary({ firstSeq, lastSeq }: { firstSeq: number; lastSeq: number }): { heldFor?: string } {
    const { canary } = this.terms.sending;
    const range = this.messages.filter(({ seq }) => seq >= firstSeq && seq <= lastSeq);
    const heldFor = canary && holdCanary(canary, countStatuses(range));
    return heldFor === undefined ? {} : { heldFor };
  }

  /** How often it has been in a phase. */
  visits(phase: Phase): number {
    return this.journal.filter((entry) => entry.phase === phase).length;
  }

  private hasReached(phase: Phase, times: number): boolean {
    return this.visits(phase) >= times;
  }

  open(): FakeMessage[] {
    return openOf(this.messages);
  }

  /**
   * Of several batches it sends the first, as where a relay is slow.
   *
   * @throws ApplicationFailure when the relay is down, as the worker gives it to Temporal
   */
  sendBatch({ batch: range, validUntil, now }: SendBatchInput): BatchEnd {
    if (this.control !== 'run') return { ended: this.control === 'pause' ? 'paused' : 'stopped' };
    if (now > validUntil) return { ended: 'done' };
    const [batch = range, next] = cutAgain(range, this.terms.sending.batchSize);
    const due = openOf(this.messages.slice(batch.from - 1, batch.to)).filter(
      ({ nextAttemptAt = now }) => nextAttemptAt <= now,
    );
    for (const message of due) this.attempt(message, now, validUntil);
    if (due.length > 0) this.runs.unshift(countStatuses(due));
    const left = next && { ...next, to: range.to };
    return { ended: 'done', ...(this.whyPause() !== undefined && { over: true }), ...(left && { left }) };
  }

  private whyPause(): string | undefined {
    return tripBreaker(this.terms.sending.breaker, this.runs);
  }

  judgeBreaker(): { heldFor?: string } {
    const heldFor = this.whyPause();
    this.setControl(heldFor === undefined ? 'run' : 'pause');
    return heldFor === undefined ? {} : { heldFor };
  }

  setControl(control: Control): void {
    if (this.control === 'pause' && control === 'run') this.runs = [];
    this.control = control;
  }

  tellHold(input: HoldNoticeInput): NoticeResult {
    this.toldHolds.push(input);
    return { counts: { told: input.operators.length } };
  }

  private attempt(message: FakeMessage, now: number, validUntil: number): void {
    this.attempts.push({ seq: message.seq, at: now });
    const result = this.relay(message.seq, message.attempts + 1);
    const relayDown = result === 'down';
    message.firstAttemptAt ??= now;
    const attempts = message.attempts + 1;
    const settlement = settlementOf(
      relayDown ? unreachable : result,
      { seq: message.seq, attempts, firstClaimedAt: new Date(message.firstAttemptAt) },
      { proof: false, sending: this.terms.sending, now, validUntil, relayDown },
    );
    message.status = settlement.status;
    if (settlement.status !== 'pending') message.attempts = attempts;
    if (settlement.reason !== undefined) message.reason = settlement.reason;
    delete message.nextAttemptAt;
    if (settlement.nextAttemptAt !== undefined) message.nextAttemptAt = settlement.nextAttemptAt;
    if (relayDown) throw sanitise(new RelayUnavailableError());
  }

  /** Tells whoever is there, at the times at which the real activity does. @throws where `asked` does */
  requestDecision({ reason, at, number }: DecisionRequestInput): DecisionRequestResult {
    const settings = this.terms.approval.requests ?? {};
    const toldAt = tellAt(settings, reason, at);
    if (toldAt > at) return { counts: {}, postponedTo: toldAt };
    this.asked(number);
    return { counts: { told: 1 }, ...planAfter(settings, at) };
  }

  planRetries(input: {
    firstSeq: number;
    batchSize: number;
    waves?: { firstSeqs: number[]; lastSeq: number };
    validUntil: number;
    now: number;
  }): RetryPlan {
    this.plans += 1;
    const { firstSeq, batchSize, validUntil, now } = input;
    const { firstSeqs, lastSeq } = input.waves ?? { firstSeqs: [firstSeq], lastSeq: this.messages.length };
    if (now > validUntil) {
      for (const message of this.open()) {
        message.status = 'failed';
        message.reason ??= 'unreachable';
      }
    }
    const begun = this.open().filter(({ seq }) => seq <= lastSeq);
    if (this.control === 'stop' || begun.length === 0) return { batches: [] };
    const dueAt = ({ nextAttemptAt = now }: FakeMessage): number => nextAttemptAt;
    const nextAt = Math.max(
      now,
      begun.reduce((earliest, message) => Math.min(earliest, dueAt(message)), Infinity),
    );
    const due = begun.filter((message) => dueAt(message) <= nextAt);
    const ranges = firstSeqs.map((first, i) => ({ firstSeq: first, lastSeq: (firstSeqs[i + 1] ?? lastSeq + 1) - 1 }));
    const cut = batchesOfRanges(ranges, batchSize);
    const batches = new Set(
      due.flatMap(({ seq }) => cut.find(({ from, to }) => from <= seq && seq <= to)?.number ?? []),
    );
    return { nextAt, batches: [...batches].slice(0, 500) };
  }

  close(): StatusCounts {
    this.control = 'stop';
    for (const message of this.open()) message.status = 'canceled';
    return countStatuses(this.messages);
  }
}

const openOf = (messages: readonly FakeMessage[]): FakeMessage[] =>
  messages.filter(({ status }) => status === 'pending' || status === 'retrying');

function countStatuses(messages: readonly FakeMessage[]): StatusCounts {
  const counts: StatusCounts = {};
  for (const { status } of messages) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
