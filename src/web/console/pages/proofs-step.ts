import { proofOutcome } from '../../../wording/description-text.js';
import { reviewText } from '../../../wording/journal-text.js';
import { proofSize } from '../../../delivery/proof-settings.js';
import { plural } from '../../../delivery/plain-words.js';
import type { ProofDescription } from '../../../client/index.js';
import { html, type Html, type Piece } from '../html.js';
import type { Visit } from '../route.js';
import { instant, shortHash } from '../shown-values.js';
import { actButtons } from './delivery-acts.js';
import type { Shown, Step, StepState } from './delivery-step.js';
import { wordLog } from './word-log.js';

/** Step 2: what went to test recipients, and what reviewers say of it. */
export function proofsStep(visit: Visit<'read'>, { delivery }: Shown, state: StepState): Step {
  const { proofs, reviews, settings } = delivery;
  const size = proofSize(settings);
  const current = proofs.filter(({ stale }) => !stale);
  return {
    id: 'proofs',
    title: 'Proofs',
    state,
    summary: summaryOf(current, size, state),
    body: html`${
      proofs.length > 0 &&
      html`<ul class="plain rows">
        ${proofs.toReversed().map(proofRow)}
      </ul>`
    }
    ${reviews.length > 0 && wordLog(reviews, reviewText)} ${size > 0 && actButtons(visit, delivery, ['proof'])}`,
  };
}

function summaryOf(current: readonly ProofDescription[], size: number, state: StepState): Piece {
  const last = current.at(-1);
  if (last) return `Proof ${last.proof} shows this revision.`;
  if (state === 'current') return 'A proof goes to the proof recipients.';
  if (size === 0) return 'The definition names nobody who gets proofs.';
  return `No proof shows this revision yet; ${plural(size, 'message')} would go out.`;
}

function proofRow(proof: ProofDescription): Html {
  return html`<li>
    <div>
      <b>Proof ${proof.proof}</b> ${proof.stale && html`<span class="badge">of an older revision</span>`}
      ${proofDetails(proof)}
    </div>
  </li>`;
}

/** When it was sent, of what, for whom, and what came of it. */
export function proofDetails(proof: ProofDescription): Html {
  return html`<small
    >${instant(proof.at)}, revision
    ${shortHash(proof.revision)}${proof.askedBy !== undefined && html`, for <bdi>${proof.askedBy}</bdi>`}:
    ${proofOutcome(proof)}</small
  >`;
}
