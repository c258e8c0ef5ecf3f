import {
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setDefaultSignalHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { SendBatchInput } from '../activities/send-batch.js';
import { batchesOf, type Batch } from '../src/delivery/batch.js';
import type { Control } from '../src/delivery/process.js';
import { controlSignal, deliveryWorkflowId, replanSignal, sendingEndedSignal, type SendingInput } from './messages.js';
import { batches, quick } from './steps.js';
import { tell } from './tell.js';

/** `sendBatch` activities under way at once; workers take them as they have room. */
const sendingWindow = 8;
/** Keeps a run's history some way under 10,000 events, at about six a batch. */
const batchesPerRun = 1_000;

/**
 * Sends the sealed messages of one delivery batch by batch, and again by the retry timetable until nothing is left to
 * try or validity has ended. Which messages leave is decided by each claim in the ledger, not here.
 */
export async function sending(input: SendingInput): Promise<void> {
  await new SendingRun(input).run();
}

class SendingRun {
  private control: Control;
  private finished = 0;
  private mustReplan = false;
  private readonly scope = new CancellationScope();

  constructor(private readonly input: SendingInput) {
    this.control = input.control;
    setDefaultSignalHandler((name, control) => {
      if (name === replanSignal.name) this.mustReplan = true;
      if (name !== controlSignal.name || !isControl(control) || this.control === 'stop') return;
      this.control = control;
      // A batch that waits for a relay to come back would put the stop off; one that sends settles what it has begun.
      if (control === 'stop') this.scope.cancel();
    });
  }

  async run(): Promise<void> {
    const { input } = this;
    if (!input.retrying) {
      await this.sendAll(batchesOf(input, input.batchSize).slice(input.nextBatch));
      input.retrying = true;
    }
    do {
      await this.retry();
      await this.report();
      // Something was resolved to be sent again while we reported.
    } while (this.mustReplan && this.control === 'run');
  }

  private async retry(): Promise<void> {
    const { deliveryId, batchSize, firstSeq, validUntil } = this.input;
    while (this.control !== 'stop') {
      this.mustReplan = false;
      const plan = await quick.planRetries({ deliveryId, batchSize, firstSeq, validUntil, now: Date.now() });
      if (plan.nextAt === undefined) return;
      const wait = plan.nextAt - Date.now();
      if (wait > 0) {
        const woken = () => this.control === 'stop' || this.mustReplan;
        if (await condition(woken, wait, { summary: 'Next attempts are due' })) continue;
      }
      const all = batchesOf(this.input, batchSize);
      await this.sendAll(all.filter((batch) => plan.batches.includes(batch.number)));
    }
  }

  /** A sliding window of batches; a run that grows long ends between two of them. */
  private async sendAll(todo: readonly Batch[]): Promise<void> {
    const underWay = new Set<Promise<void>>();
    for (const batch of todo) {
      if (this.control === 'stop') break;
      if (this.finished >= batchesPerRun || workflowInfo().continueAsNewSuggested) {
        await Promise.all(underWay);
        await this.continueAsNew(batch.number);
      }
      const work = this.send(batch).finally(() => {
        underWay.delete(work);
        this.finished += 1;
      });
      underWay.add(work);
      if (underWay.size >= sendingWindow) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  }

  private async send(batch: Batch): Promise<void> {
    const { deliveryId, validUntil } = this.input;
    for (;;) {
      await condition(() => this.control !== 'pause');
      if (this.control === 'stop') return;
      const ended = await this.sendOnce({ deliveryId, batch, validUntil, now: Date.now() });
      if (ended !== 'paused') return;
      // The control row was there before the parent's signal: wait for that, or this would spin.
      await condition(() => this.control !== 'run', '5s', { summary: 'Held by the control row' });
    }
  }

  private async sendOnce(input: SendBatchInput): Promise<'done' | 'paused' | 'stopped'> {
    try {
      const { sendBatch } = batches[this.input.priority ?? 'normal'];
      return (await this.scope.run(() => sendBatch(input))).ended;
    } catch (error) {
      if (isCancellation(error) && this.control === 'stop') return 'stopped';
      throw error;
    }
  }

  private async continueAsNew(nextBatch: number): Promise<never> {
    return await continueAsNew<typeof sending>({ ...this.input, nextBatch, control: this.control });
  }

  private async report(): Promise<void> {
    // Where the parent has closed, nobody is left to tell, and the ledger holds the result.
    await tell(deliveryWorkflowId(this.input.deliveryId), sendingEndedSignal);
  }
}

function isControl(value: unknown): value is Control {
  return value === 'run' || value === 'pause' || value === 'stop';
}
