import {
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setDefaultSignalHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { BatchEnd, SendBatchInput } from '../activities/send-batches.js';
import { batchesOf, batchesOfRanges, takeTogether, type Batch } from '../src/delivery/batch.js';
import type { Control } from '../src/delivery/process.js';
import { waveDueAt, type Wave } from '../src/delivery/waves.js';
import {
  breakerDueSignal,
  canaryDueSignal,
  controlSignal,
  deliveryWorkflowId,
  goOnSignal,
  replanSignal,
  sendingEndedSignal,
  type SendingInput,
  type WaveProgress,
} from './messages.js';
import { batches, quick } from './steps.js';
import { tell } from './tell.js';

/** `sendBatches` activities under way at once; workers take them as they have room. */
const sendingWindow = 8;
/** However soon a batch could come back while others are sent for the first time: each of its runs stays in history. */
const soonestBackMs = 5_000;
/** Keeps a run's history some way under 10,000 events, at about six a batch. */
const batchesPerRun = 1_000;

/**
 * Sends the sealed messages of one delivery batch by batch, and again by the retry timetable until nothing is left to
 * try or validity has ended. Which messages leave is decided by each claim in the ledger, not here.
 */
export async function sending(input: SendingInput): Promise<void> {
  await new SendingRun(input).run();
}

/** What a pass over the retries waits for beside them. */
interface Awaited {
  /** Milliseconds since the epoch. */
  until: number;
  summary: string;
  met?: () => boolean;
}

class SendingRun {
  private control: Control;
  private finished = 0;
  private mustReplan = false;
  private readonly scope = new CancellationScope();
  private readonly batches: readonly Batch[];
  /** When batches, or ranges of some, come back whose messages were put off: while a long pass goes on, nobody plans for them. */
  private readonly comingBack = new Map<Batch, number>();

  constructor(private readonly input: SendingInput) {
    this.control = input.control;
    const { waves, batchSize } = input;
    this.batches = waves ? batchesOfRanges(waves, batchSize) : batchesOf(input, batchSize);
    setDefaultSignalHandler((name, control) => {
      if (name === replanSignal.name) this.mustReplan = true;
      // What comes before it was asked for tells of nothing.
      if (name === goOnSignal.name && input.at?.asked) input.at.passed = true;
      if (name !== controlSignal.name || !isControl(control) || this.control === 'stop') return;
      this.control = control;
      // A batch that waits for a relay to come back would put the stop off; one that sends settles what it has begun.
      if (control === 'stop') this.scope.cancel();
    });
  }

  async run(): Promise<void> {
    const { input } = this;
    if (!input.retrying) {
      if (input.waves) await this.sendWaves(input.waves);
      else await this.sendAll(this.batches.slice(input.nextBatch));
      input.retrying = true;
    }
    do {
      await this.retry();
      await this.report();
      // Something was resolved to be sent again while we reported.
    } while (this.mustReplan && this.control === 'run');
  }

  /** One after the other, each when it is due; meanwhile what failed in those before is tried again. */
  private async sendWaves(waves: readonly Wave[]): Promise<void> {
    const { input } = this;
    for (let at = (input.at ??= { wave: 0, before: Date.now() }); at.wave < waves.length; at = input.at) {
      const { firstSeq = 0, lastSeq = 0, canary } = waves[at.wave] ?? {};
      if (!(await this.reach(waves, at))) return;
      const due = this.batches.filter(
        ({ from, to, number }) => from >= firstSeq && to <= lastSeq && number >= input.nextBatch,
      );
      await this.sendAll(due);
      input.nextBatch = Math.max(input.nextBatch, (due.at(-1)?.number ?? -1) + 1);
      if (canary && !(await this.passCanary(at))) return;
      input.at = { wave: at.wave + 1, before: at.startedAt ?? at.before };
    }
  }

  /** @returns false where the wave never starts: it was stopped, or validity ends before */
  private async reach(waves: readonly Wave[], at: WaveProgress): Promise<boolean> {
    if (at.startedAt !== undefined) return true;
    const until = waveDueAt(waves, at.wave, at.before);
    await this.retry({ until, summary: `Wave ${at.wave + 1} of ${waves.length} starts` });
    await condition(() => this.control !== 'pause');
    if (!this.goesOn()) return false;
    at.startedAt = Date.now();
    return true;
  }

  /** @returns whether the waves behind the canary may leave */
  private async passCanary(at: WaveProgress): Promise<boolean> {
    const { deliveryId, canaryWaitMs = 0 } = this.input;
    at.judgeAt ??= Date.now() + canaryWaitMs;
    await this.retry({ until: at.judgeAt, summary: 'The canary is looked at' });
    if (!this.goesOn()) return false;
    if (!at.asked) {
      at.asked = true;
      // Without the parent nobody can say that the others may leave.
      if (!(await tell(deliveryWorkflowId(deliveryId), canaryDueSignal))) return false;
    }
    await this.retry({ until: Infinity, summary: 'The canary is held', met: () => at.passed === true });
    return at.passed === true && this.goesOn();
  }

  private goesOn(): boolean {
    return this.control !== 'stop' && Date.now() <= this.input.validUntil;
  }

  /** Tries again what is due, until nothing is left to try; where something is awaited, until that comes or validity ends. */
  private async retry(awaited?: Awaited): Promise<void> {
    const until = awaited ? Math.min(awaited.until, this.input.validUntil + 1) : Infinity;
    const met = awaited?.met ?? (() => false);
    while (this.control !== 'stop' && !met()) {
      if (Date.now() >= until) return;
      this.mustReplan = false;
      const { nextAt = Infinity, batches } = await quick.planRetries(this.planInput());
      const at = Math.min(nextAt, until);
      if (at === Infinity) return;
      const wait = at - Date.now();
      if (wait > 0) {
        const woken = () => this.control === 'stop' || this.mustReplan || met();
        const summary = at < nextAt && awaited ? awaited.summary : 'Next attempts are due';
        if (await condition(woken, wait, { summary })) continue;
      }
      if (at < nextAt) return;
      // The plan is of all of them.
      this.comingBack.clear();
      await this.sendAll(this.batches.filter(({ number }) => batches.includes(number)));
    }
  }

  private planInput() {
    const { deliveryId, batchSize, firstSeq, validUntil, waves, at } = this.input;
    const plan = { deliveryId, batchSize, firstSeq, validUntil, now: Date.now() };
    if (!waves) return plan;
    // What waits for its own wave is not tried again.
    const begun = !at ? waves : waves.slice(0, at.wave + (at.startedAt === undefined ? 0 : 1));
    return { ...plan, waves: { firstSeqs: begun.map((wave) => wave.firstSeq), lastSeq: begun.at(-1)?.lastSeq ?? 0 } };
  }

  /** A sliding window of batches; a run that grows long ends between two of them. */
  private async sendAll(todo: readonly Batch[]): Promise<void> {
    const underWay = new Set<Promise<void>>();
    const rest = [...todo];
    for (let [next] = rest; next && this.control !== 'stop'; [next] = rest) {
      if (this.finished >= batchesPerRun || workflowInfo().continueAsNewSuggested) {
        await Promise.all(underWay);
        await this.continueAsNew(next);
      }
      const batch = this.takeBack() ?? this.takeNext(rest) ?? next;
      const work = this.send(batch).finally(() => {
        underWay.delete(work);
        this.finished += 1;
      });
      underWay.add(work);
      if (underWay.size >= sendingWindow) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  }

  /** @returns a batch that was put off and whose time has come */
  private takeBack(): Batch | undefined {
    const [batch] = [...this.comingBack].find(([, at]) => at <= Date.now()) ?? [];
    if (batch) this.comingBack.delete(batch);
    return batch;
  }

  private takeNext(rest: Batch[]): Batch | undefined {
    return this.input.together ? takeTogether(rest, this.input.batchSize) : rest.shift();
  }

  /** @param range - a batch, or several that one activity sends as far as it gets */
  private async send(range: Batch): Promise<void> {
    const { deliveryId, validUntil } = this.input;
    for (let batch: Batch | undefined = range; batch;) {
      await condition(() => this.control !== 'pause');
      if (this.control === 'stop') return;
      const { ended, left }: BatchEnd = await this.sendOnce({ deliveryId, batch, validUntil, now: Date.now() });
      if (ended === 'paused') {
        batch = left ?? batch;
        // The control row was there before the parent's signal: wait for that, or this would spin.
        await condition(() => this.control !== 'run', '5s', { summary: 'Held by the control row' });
      } else {
        batch = left;
        // Each is an activity more in this run's history.
        if (left) this.finished += 1;
      }
    }
  }

  private async sendOnce(input: SendBatchInput): Promise<BatchEnd> {
    try {
      const { batch } = input;
      const { sendBatch, sendBatches } = batches[this.input.priority ?? 'normal'];
      const end = await this.scope.run(() => (this.input.together ? sendBatches(input) : sendBatch(input)));
      const { over, comesBackAt, left } = end;
      const begun = left ? { ...batch, to: left.from - 1 } : batch;
      if (comesBackAt !== undefined) this.comingBack.set(begun, Math.max(comesBackAt, Date.now() + soonestBackMs));
      if (over) await tell(deliveryWorkflowId(input.deliveryId), breakerDueSignal);
      return end;
    } catch (error) {
      if (isCancellation(error) && this.control === 'stop') return { ended: 'stopped' };
      throw error;
    }
  }

  /** @param next - the batch that comes next: of the first pass, or one that is tried again */
  private async continueAsNew(next: Batch): Promise<never> {
    const { input } = this;
    return await continueAsNew<typeof sending>({
      ...input,
      nextBatch: Math.max(input.nextBatch, next.number),
      control: this.control,
    });
  }

  private async report(): Promise<void> {
    // Where the parent has closed, nobody is left to tell, and the ledger holds the result.
    await tell(deliveryWorkflowId(this.input.deliveryId), sendingEndedSignal);
  }
}

function isControl(value: unknown): value is Control {
  return value === 'run' || value === 'pause' || value === 'stop';
}
