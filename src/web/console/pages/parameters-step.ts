import { envelopeFields } from '../../../wording/description-text.js';
import { scheduleFields } from '../../../wording/schedule-text.js';
import { targetFields } from '../../../wording/target-text.js';
import { grouped } from '../../../delivery/plain-words.js';
import { html } from '../html.js';
import type { Visit } from '../route.js';
import { facts, type Shown, type Step, type StepState } from './delivery-step.js';
import { findingsList, findingsOf, findingsSummary } from './findings.js';

/** Step 1: what the author has set, and what the checks say of it. */
export function parametersStep({ visitor }: Pick<Visit, 'visitor'>, { delivery }: Shown, state: StepState): Step {
  const { settings, files, sample, profiles } = delivery;
  const findings = findingsOf(delivery, 'parameters');
  // What a recipient's own data has made of the templates is not for everybody.
  const filled = sample && visitor.may.has('recipients') ? { sample } : {};
  const fields = [
    ...envelopeFields({ settings, files, ...filled }),
    ['recipients', grouped(profiles)] as const,
    ...targetFields(delivery),
    ...scheduleFields(delivery),
    ['relay', settings.relay] as const,
  ];
  return {
    id: 'parameters',
    title: 'Parameters',
    state,
    summary: state === 'current' ? 'Every setting is being checked.' : `Checked: ${findingsSummary(findings)}.`,
    body: html`${findingsList(findings)}
      <details ${state === 'current' && html`open`}>
        <summary>Settings</summary>
        ${facts(fields)}
      </details>`,
  };
}
