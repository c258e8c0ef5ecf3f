import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { durationMs } from '../src/delivery/duration.js';
import { enter, note } from '../src/delivery/journal-notes.js';
import { stopNow, wantedControl, wantedRate, type ProcessState } from '../src/delivery/process.js';
import { unlimited } from '../src/delivery/rate.js';
import { validityEnd } from '../src/delivery/validity.js';
import { wavesToSend } from '../src/delivery/waves.js';
import { breakerCalls, followBreaker } from './follow-breaker.js';
import { canaryCalls, followCanary } from './follow-canary.js';
import { controlSignal, replanSignal, sendingWorkflowId, type SendingInput } from './messages.js';
import { sending } from './sending.js';
import { startAbandoned } from './start-abandoned.js';
import { long, quick } from './steps.js';
import { tell } from './tell.js';

/**
 * The delivery's part while messages leave: starts `sending`, carries pause, resume and stop to the ledger's control
 * row, which every claim looks at, and ends when the ledger says that nothing is open.
 *
 * @param mustYield - true when the run must end first; called again, it goes on where it was
 */
export async function superviseSending(
  deliveryId: string,
  state: ProcessState,
  mustYield: () => boolean,
): Promise<void> {
  await start(deliveryId, state);
  await settleIfPaused(deliveryId, state, mustYield);
  await condition(
    () =>
      state.sendingEnded === true ||
      wantedControl(state) !== state.control ||
      rateDiffers(state) ||
      breakerCalls(state) ||
      canaryCalls(state) ||
      mustYield(),
  );
  if (wantedControl(state) !== state.control) return await applyControl(deliveryId, state);
  if (rateDiffers(state)) return await changeRate(deliveryId, state);
  if (breakerCalls(state)) return await followBreaker(deliveryId, state);
  if (canaryCalls(state)) return await followCanary(deliveryId, state);
  if (!state.sendingEnded) return;
  state.sendingEnded = false;
  const { open, waiting, sealBroken } = await quick.inspectLedger({ deliveryId });
  if (sealBroken) enter(state, 'failed', Date.now(), 'SealBroken');
  else if (state.control === 'stop') stopNow(state, Date.now());
  // Anybody may send the signal that says "ended"; only the ledger makes it true.
  else if (open === 0) enter(state, 'finished', Date.now());
  // Something was resolved to be sent again just as `sending` ended; one that runs still is left alone.
  else if (waiting > 0) await startSending(deliveryId, state, true);
  else if (!(await tellSending(deliveryId, state))) enter(state, 'failed', Date.now(), 'SendingClosed');
}

async function start(deliveryId: string, state: ProcessState): Promise<void> {
  if (state.control !== undefined) return;
  state.control = 'run';
  await quick.setControl({ deliveryId, control: 'run' });
  if (rateDiffers(state)) await applyRate(deliveryId, state);
  await startSending(deliveryId, state, false);
}

async function startSending(deliveryId: string, state: ProcessState, retrying: boolean): Promise<void> {
  const { terms, target } = state;
  if (!terms || !target) return;
  state.validUntil ??= validityEnd(terms, Date.now());
  await startAbandoned(sending, {
    workflowId: sendingWorkflowId(deliveryId),
    staticSummary: `Sending of delivery ${deliveryId}`,
    args: [
      {
        deliveryId,
        batchSize: terms.sending.batchSize,
        firstSeq: target.firstSeq,
        lastSeq: target.lastSeq,
        ...(terms.sending.priority && { priority: terms.sending.priority }),
        validUntil: state.validUntil,
        control: state.control ?? 'run',
        nextBatch: 0,
        retrying,
        together: true,
        ...wavesOf(state),
      },
    ],
  });
}

function wavesOf({ sealed, terms }: ProcessState): Pick<SendingInput, 'waves' | 'canaryWaitMs'> {
  const waves = wavesToSend(sealed?.schedule);
  const wait = terms?.sending.canary?.wait;
  return waves ? { waves, ...(wait !== undefined && { canaryWaitMs: durationMs(wait) }) } : {};
}

const rateDiffers = (state: ProcessState): boolean => wantedRate(state) !== (state.rateInForce ?? unlimited);

async function applyRate(deliveryId: string, state: ProcessState): Promise<void> {
  const rate = wantedRate(state);
  state.rateInForce = rate;
  await long.setRate({ deliveryId, rate });
  note(state, Date.now(), { kind: 'rate-set', rate });
}

/** What was put off by the rate before is planned anew. */
async function changeRate(deliveryId: string, state: ProcessState): Promise<void> {
  await applyRate(deliveryId, state);
  await tell(sendingWorkflowId(deliveryId), replanSignal);
}

async function applyControl(deliveryId: string, state: ProcessState): Promise<void> {
  const control = wantedControl(state);
  const before = state.control;
  state.control = control;
  await quick.setControl({ deliveryId, control });
  if (control === 'run' && before === 'pause') note(state, Date.now(), { kind: 'sending-resumed' });
  state.settling = control === 'pause';
  if (control === 'pause') enter(state, 'paused', Date.now(), state.heldFor);
  else if (control === 'run') enter(state, 'sending', Date.now());
  // Where `sending` has closed, by itself or terminated by hand, the ledger tells what is left.
  if (!(await tellSending(deliveryId, state))) state.sendingEnded = true;
}

async function tellSending(deliveryId: string, state: ProcessState): Promise<boolean> {
  return await tell(sendingWorkflowId(deliveryId), controlSignal, state.control ?? 'run');
}

/** A pause is complete when the last message that had begun has settled; the journal keeps that instant. */
async function settleIfPaused(deliveryId: string, state: ProcessState, mustYield: () => boolean): Promise<void> {
  if (!state.settling) return;
  const scope = new CancellationScope();
  let done = false;
  const settled = scope
    .run(() => long.awaitSettled({ deliveryId }))
    .finally(() => {
      done = true;
    });
  settled.catch(() => undefined);
  await condition(() => done || wantedControl(state) !== state.control || mustYield());
  if (!done) scope.cancel();
  try {
    const { lastSentAt } = await settled;
    state.settling = false;
    note(state, Date.now(), { kind: 'sending-paused', ...(lastSentAt === undefined ? {} : { lastSentAt }) });
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
}
