import { condition } from '@temporalio/workflow';
import {
  afterPostponing,
  afterTelling,
  nextRequest,
  type DueRequest,
  type OpenRequest,
} from '../src/delivery/decision-requests.js';
import { openRequest, requestInput, type DecisionRequestResult } from '../src/delivery/process-requests.js';
import { note } from '../src/delivery/journal-notes.js';
import type { ProcessState } from '../src/delivery/process.js';
import { asking } from './steps.js';
import { toldOrWhyNot } from './told-or-why-not.js';

/**
 * Has people asked for the decision that a delivery awaits, reminds them, and tells others. Without `approval.requests` it
 * gives no command. A run that ends between a mail and its entry in the state has it sent once more: two equal mails are
 * better than none.
 */
export async function requestDecisions(deliveryId: string, state: ProcessState): Promise<never> {
  for (;;) {
    await condition(() => openRequest(state, Date.now()) !== undefined);
    const open = openRequest(state, Date.now());
    if (!open) continue;
    const changed = (): boolean => {
      const now = openRequest(state, Date.now());
      return now?.gates !== open.gates || now.sealedAt !== open.sealedAt;
    };
    const due = nextRequest(state.requests, open, Date.now());
    if (!due) await condition(changed);
    else if (due.at > Date.now())
      await condition(changed, due.at - Date.now(), { summary: `The next ${due.reason} is due` });
    else await tellPeople(deliveryId, state, { open, due, changed });
  }
}

async function tellPeople(
  deliveryId: string,
  state: ProcessState,
  { open, due: { reason, at }, changed }: { open: OpenRequest; due: DueRequest; changed: () => boolean },
): Promise<void> {
  const { revision, requests } = state;
  const input = requestInput(state, at);
  if (!input) return;
  const number = (requests?.number ?? 0) + 1;
  const result: DecisionRequestResult = await toldOrWhyNot(
    () => asking.requestDecision({ deliveryId, revision, reason, number, at, ...input }),
    changed,
  );
  const { postponedTo, counts, untold } = result;
  if (requests && postponedTo !== undefined) {
    state.requests = afterPostponing(requests, reason, postponedTo);
    return;
  }
  // Who was asked before something else came is asked anew, and that mail is another one.
  state.requests = untold === 'overtaken' ? { ...requests, number } : afterTelling(requests, open, reason, result);
  const { seal } = input.request;
  note(state, Date.now(), { kind: 'requested', reason, seal, counts, ...(untold !== undefined && { untold }) });
}
