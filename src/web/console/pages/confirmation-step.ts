import { demandText, whoMay } from '../../../wording/description-text.js';
import { decisionText } from '../../../wording/journal-text.js';
import { rowText } from '../../../wording/target-text.js';
import { isUnderWay } from '../../../delivery/phase.js';
import { grouped } from '../../../delivery/plain-words.js';
import { html, type Html, type Piece } from '../html.js';
import type { Visit } from '../route.js';
import { instant } from '../shown-values.js';
import { actButtons } from './delivery-acts.js';
import { deliveryPath } from './delivery-address.js';
import { facts, type Shown, type Step, type StepState } from './delivery-step.js';
import { figuresOf, paceWords } from './message-counts.js';
import { wordLog } from './word-log.js';

/** Step 4: a person confirms exactly what was analysed; then, and only then, it is sent. */
export function confirmationStep(visit: Visit<'read'>, shown: Shown, state: StepState): Step {
  const { delivery, figures } = shown;
  const { visitor } = visit;
  const held = visitor.may.has('recipients') ? (figures?.heldUpBy ?? []) : [];
  return {
    id: 'confirmation',
    title: 'Confirmation and sending',
    state,
    summary: summaryOf(shown),
    body: html`${pending(shown)} ${decide(shown)} ${decisions(shown)} ${brokenSeal(delivery)} ${sending(shown)}
    ${
      held.length > 0 &&
      html`<h3>Held up by</h3>
        <ul class="plain log">
          ${held.map(
            ({ reply, messages }) =>
              html`<li><span class="number">${grouped(messages)}</span> <code dir="auto">${reply}</code></li>`,
          )}
        </ul>`
    }
    ${!isUnderWay(delivery.phase) && actButtons(visit, delivery, ['stop'])}`,
  };
}

function summaryOf({ delivery, pace }: Shown): Piece {
  const { phase, pendingDecision, sendingSince, heldFor } = delivery;
  if (phase === 'awaiting-decision') {
    if (pendingDecision?.heldBy !== undefined) return `Nobody can confirm yet: ${pendingDecision.heldBy}.`;
    return 'Nothing leaves before somebody confirms the seal.';
  }
  if (heldFor !== undefined && phase === 'paused') return `It paused itself: ${heldFor}.`;
  if (sendingSince === undefined) return 'No message has left.';
  const from = html`Sending began ${instant(sendingSince)}.`;
  return html`${from} <span data-live="pace">${pace ? paceWords(pace) : 'Counting its messages…'}</span>`;
}

function pending({ delivery }: Shown): Html | undefined {
  const { pendingDecision, approvalRules, author } = delivery;
  if (!pendingDecision) return undefined;
  const { mayConfirm, confirmedBy, expiresAt, heldBy, late } = pendingDecision;
  const fourEyes = approvalRules.some(({ settings }) => settings.fourEyes);
  return facts([
    ...approvalRules.map((rules) => ['needed', demandText(rules)] as const),
    ...(late === undefined ? [] : [['asked anew', late] as const]),
    ['confirmed by', confirmedBy.join(', ') || 'nobody yet'],
    ...(heldBy === undefined ? [['may confirm', whoMay(mayConfirm)] as const] : []),
    ...(fourEyes ? [['four eyes', `${author} submitted this revision and cannot confirm it`] as const] : []),
    ['expires', instant(expiresAt)],
  ]);
}

function decide({ delivery: { id, pendingDecision } }: Shown): Html | undefined {
  if (!pendingDecision) return undefined;
  return html`<div class="acts">
    <a class="button primary" href="${deliveryPath(id, 'decision')}">Look at it and decide…</a>
  </div>`;
}

function decisions({ delivery }: Shown): Html | undefined {
  const { decisions: taken } = delivery;
  if (taken.length === 0) return undefined;
  return html`<h3>Decisions</h3>
    ${wordLog(taken, decisionText)}`;
}

function brokenSeal({ brokenSeal: broken }: Shown['delivery']): Html | undefined {
  if (!broken) return undefined;
  return html`<div class="notice refused" role="alert">
    <span class="mark" aria-hidden="true">!</span>
    <p>
      The message of ${rowText(broken.row)} is not the one that was confirmed: neither it nor any after it was sent.
    </p>
  </div>`;
}

function sending({ delivery, pace, figures }: Shown): Html | undefined {
  if (delivery.sendingSince === undefined) return undefined;
  const ignored = pace?.counts.ignored ?? 0;
  const excluded = Object.values(figures?.excluded ?? {}).reduce((sum, count) => sum + count, 0);
  const late = figures ? ignored - excluded : 0;
  return html`<div class="sending-figures" data-live="figures">${pace && figuresOf(pace)}</div>
    ${late > 0 && html`<p class="hint"><span class="dot ignored"></span>${grouped(late)} left out after the seal</p>`}`;
}
