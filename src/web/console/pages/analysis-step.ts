import { addresseesText } from '../../../wording/target-text.js';
import { exclusionWords } from '../../../delivery/control-rules/target-rules.js';
import type { Reason } from '../../../delivery/message-status.js';
import { grouped } from '../../../delivery/plain-words.js';
import { html, type Html } from '../html.js';
import type { Pace } from '../ledger-view.js';
import type { Visit } from '../route.js';
import { number, shortHash } from '../shown-values.js';
import { actButtons } from './delivery-acts.js';
import { facts, type Shown, type Step, type StepState } from './delivery-step.js';
import { findingsList, findingsOf, findingsSummary } from './findings.js';

/** Step 3: the target computed, every message made once, all of it under one seal. */
export function analysisStep(visit: Visit<'read'>, shown: Shown, state: StepState): Step {
  const { delivery } = shown;
  const findings = findingsOf(delivery, 'analysis');
  return {
    id: 'analysis',
    title: 'Analysis',
    state,
    summary: summaryOf(shown, state, findingsSummary(findings)),
    body: html`${progress(shown)} ${sealed(shown)} ${findingsList(findings)}
    ${actButtons(visit, delivery, ['start-analysis', 'stop-analysis'])}`,
  };
}

function summaryOf({ delivery, figures }: Shown, state: StepState, found: string): string {
  if (delivery.seal === undefined) {
    if (state === 'current') return 'Target and messages are computed and sealed.';
    return state === 'failed' ? `Not sealed: ${found}.` : 'There is no seal yet.';
  }
  if (!figures) return `Sealed: ${found}.`;
  const left = Object.values(figures.excluded).reduce((sum, count) => sum + count, 0);
  const out = left === 0 ? 'nobody is left out' : `${grouped(left)} left out`;
  return `${addresseesText({ ...delivery, ...figures })} of ${grouped(delivery.profiles)} get a message, ${out}; ${found}.`;
}

const progress = ({ pace, delivery }: Shown): Html | false =>
  delivery.phase === 'analysing' &&
  html`<div class="wide-progress" data-live="analysis">${analysisProgress(pace)}</div>`;

/** How many of its messages are made. */
export function analysisProgress(pace: Pace | undefined): Html | undefined {
  if (!pace?.analysis) return undefined;
  const { prepared, total } = pace.analysis;
  return html`<progress max="${Math.max(1, total)}" value="${prepared}" aria-label="Messages made"></progress>
    <small>${number(prepared)} of ${number(total)} messages made</small>`;
}

function sealed({ delivery, figures }: Shown): Html | undefined {
  const { seal, sealedCount = 0 } = delivery;
  if (seal === undefined) return undefined;
  // A finding of each reason says what to do, too; a typology may have switched that rule off.
  const told = delivery.findings.some(({ rule }) => rule === 'recipients-excluded');
  const excluded = told ? [] : Object.entries(figures?.excluded ?? {}).sort(([, a], [, b]) => b - a);
  return html`${facts([['seal', html`${shortHash(seal, 16)}… <small>over ${number(sealedCount)} messages</small>`]])}
  ${
    excluded.length > 0 &&
    html`<table class="counts">
      <caption>
        Left out
      </caption>
      <tbody>
        ${excluded.map(
          ([reason, count]) =>
            html`<tr>
              <th scope="row">${exclusionWords[reason as Reason] ?? reason}</th>
              <td class="number">${grouped(count)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`
  }`;
}
