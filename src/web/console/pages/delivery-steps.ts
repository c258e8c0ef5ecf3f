import type { DeliveryStanding } from '../../../client/index.js';
import { isFinal, isUnderWay, type Phase } from '../../../delivery/phase.js';
import { tookAny } from '../../../delivery/message-status.js';
import { html, type Html, type Piece } from '../html.js';
import type { Visit } from '../route.js';
import { analysisStep } from './analysis-step.js';
import { confirmationStep } from './confirmation-step.js';
import type { Shown, StepState } from './delivery-step.js';
import { findingsOf } from './findings.js';
import { parametersStep } from './parameters-step.js';
import { proofsStep } from './proofs-step.js';

const stateWords: Readonly<Record<StepState, string>> = {
  waiting: 'not begun',
  current: 'under way',
  done: 'done',
  wanted: 'waits for somebody',
  failed: 'not passed',
  skipped: 'left out',
};

/** The four steps: the backbone of a delivery. */
export function deliverySteps(visit: Visit<'read'>, shown: Shown): Html {
  const states = stepStates(shown.delivery);
  const { phase } = shown.delivery;
  // What is behind a delivery is folded once it is about what is sent.
  const decided = isUnderWay(phase) || isFinal(phase);
  const steps = [
    parametersStep(visit, shown, states.parameters),
    proofsStep(visit, shown, states.proofs),
    analysisStep(visit, shown, states.analysis),
    confirmationStep(visit, shown, states.confirmation),
  ];
  return html`<ol class="steps">
    ${steps.map(
      ({ id, title, state, summary, body }) =>
        html`<li class="step ${state}" id="${id}">
          <section aria-labelledby="${id}-title">
            <h2 id="${id}-title">${title} <span class="unseen">(${stateWords[state]})</span></h2>
            <p class="step-summary">${summary}</p>
            ${decided && state === 'done' && id !== 'confirmation' ? folded(title, body) : body}
          </section>
        </li>`,
    )}
  </ol>`;
}

const folded = (title: string, body: Piece): Html =>
  html`<details>
    <summary>Show <span class="unseen">${title}</span></summary>
    ${body}
  </details>`;

/** Phases in the order of the steps: how far a delivery has come. */
const reached: Readonly<Record<Phase, number>> = {
  checking: 1,
  proofing: 2,
  analysing: 3,
  'awaiting-decision': 4,
  'awaiting-revision': 0,
  scheduled: 4,
  sending: 4,
  paused: 4,
  finished: 5,
  stopped: 0,
  expired: 4,
  failed: 0,
};

type StepName = 'parameters' | 'proofs' | 'analysis' | 'confirmation';

/** Told from what is there and not from the phase alone: a delivery can stop anywhere, and go back. */
export function stepStates(delivery: DeliveryStanding): Record<StepName, StepState> {
  const { phase, seal, proofs, sendingSince } = delivery;
  const at = reached[phase];
  const ended = isFinal(phase);
  const errors = (step: 'parameters' | 'analysis') => findingsOf(delivery, step).some(({ level }) => level === 'error');
  const analysed = seal !== undefined;
  const proofed = proofs.some(({ stale, counts }) => !stale && tookAny(counts));
  return {
    parameters: errors('parameters')
      ? 'failed'
      : at === 1
        ? 'current'
        : at > 1 || analysed || proofed
          ? 'done'
          : ended
            ? 'skipped'
            : 'done',
    proofs: proofed ? 'done' : at === 2 ? 'current' : at > 2 || ended ? 'skipped' : 'waiting',
    analysis: errors('analysis') ? 'failed' : analysed ? 'done' : at === 3 ? 'current' : ended ? 'skipped' : 'waiting',
    confirmation: confirmationState(phase, sendingSince !== undefined),
  };
}

function confirmationState(phase: Phase, begun: boolean): StepState {
  switch (phase) {
    case 'awaiting-decision':
    case 'paused':
      return 'wanted';
    case 'scheduled':
    case 'sending':
      return 'current';
    case 'finished':
      return 'done';
    case 'expired':
    case 'failed':
      return 'failed';
    case 'stopped':
      return begun ? 'failed' : 'skipped';
    case 'checking':
    case 'proofing':
    case 'analysing':
    case 'awaiting-revision':
      return 'waiting';
  }
}
