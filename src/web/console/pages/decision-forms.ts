import { whyNotConfirm } from '../../../wording/decision-text.js';
import { typedSealMatches } from '../../../delivery/typed-seal.js';
import type { DeliveryStanding, OperatorKey, PendingDecision } from '../../../client/index.js';
import { grouped } from '../../../delivery/plain-words.js';
import { statementType } from '../../../delivery/signed-statement.js';
import { html, type Html, type Piece } from '../html.js';
import { csrfInput } from '../layout.js';
import type { Visit } from '../route.js';
import { shortHash } from '../shown-values.js';
import { commentField } from './comment-field.js';
import { deliveryPath } from './delivery-address.js';
import { facts } from './delivery-step.js';
import { cannotSign, keyHolder } from './signing-keys.js';

/** A delivery that somebody can decide on now. */
export type Decidable = DeliveryStanding & { seal: string; sealedCount: number; pendingDecision: PendingDecision };

export function isDecidable(delivery: DeliveryStanding): delivery is Decidable {
  return delivery.pendingDecision !== undefined && delivery.seal !== undefined;
}

/** From so many messages on it is the seal that is typed: a number that large is no longer told from its neighbour. */
const countedUpTo = 10_000;

/** What a person types so that no slip of a finger sends anything. */
export function deliberately({ seal, sealedCount }: Pick<Decidable, 'seal' | 'sealedCount'>) {
  return sealedCount <= countedUpTo
    ? {
        label: html`Type <b>${sealedCount}</b>, the number of messages`,
        matches: (typed: string) => typed.replaceAll(/[\s,.’']/g, '') === String(sealedCount),
      }
    : {
        label: html`Type <code>${seal.slice(0, 8)}</code>, the first 8 characters of the seal`,
        matches: (typed: string) => typedSealMatches(typed.trim(), seal),
      };
}

type FormsVisit = Pick<Visit, 'csrf' | 'operator'>;

/** What this person can do about it: confirm, reject, take back, break the glass. */
export function decisionForms(
  visit: FormsVisit,
  delivery: Decidable,
  keys: readonly OperatorKey[],
  fault?: string,
): Html {
  const { pendingDecision: pending, approvalRules, id, seal } = delivery;
  const { id: operator } = visit.operator;
  const mustSign = approvalRules.some(({ settings }) => settings.requireSignature);
  const why = pending.heldBy === undefined ? whyNotConfirm(pending, operator) : `nobody can yet: ${pending.heldBy}`;
  const one = { visit, delivery, mustSign };
  return html`<div class="decide" ${keyHolder(visit.operator, keys)}>
    ${fault !== undefined && html`<p class="fault" role="alert">${fault}</p>`}
    ${keyStates(id, { operator, seal, mustSign })}
    ${
      why === undefined
        ? decisionForm(one, {
            name: 'confirm',
            fields: [typedField(delivery, 'typed'), commentField('comment', { label: 'Comment' })],
          })
        : html`<p class="notice queued">
            <span class="mark" aria-hidden="true">!</span><span>You cannot confirm: ${why}.</span>
          </p>`
    }
    ${
      pending.confirmedBy.includes(operator) &&
      decisionForm(one, { name: 'withdraw', fields: [commentField('withdraw-comment', { label: 'Why' })] })
    }
    ${
      pending.mayReject.includes(operator) &&
      folded('Reject it…', one, {
        name: 'reject',
        fields: [commentField('reject-comment', { label: 'What must be mended', required: true })],
      })
    }
    ${
      pending.mayBreakGlass.includes(operator) &&
      folded('Confirm alone, in an emergency…', one, {
        name: 'break-glass',
        fields: [
          html`<p>
            It leaves at once, without the others whose confirmation is wanted. Journal and report say so for ever.
          </p>`,
          typedField(delivery, 'glass-typed'),
          commentField('glass-comment', { label: 'The emergency', required: true }),
        ],
      })
    }
    ${signedWords(delivery)}
  </div>`;
}

/** In this browser, and without a script in none. */
function keyStates(
  id: string,
  { operator, seal, mustSign }: { operator: string; seal: string; mustSign: boolean },
): Html {
  const command = `sealpost confirm ${id} --operator ${operator} --seal ${seal.slice(0, 8)}`;
  const next = new URLSearchParams({ next: deliveryPath(id, 'decision') }).toString();
  const rest = mustSign
    ? 'Until then you can decide on the command line:'
    : 'Your decision counts without one, and is marked as unsigned.';
  const cli = mustSign && html`<p><code>${command}</code></p>`;
  return html`<div class="key-state" data-when="none unknown" hidden>
      <p>
        This browser has no key of yours that counts. <a href="/account/keys/new?${next}">Give it one</a>, which takes a
        minute. ${rest}
      </p>
      ${cli}
    </div>
    <div class="key-state" data-when="insecure unsupported" hidden>${cannotSign} ${cli}</div>
    ${
      mustSign &&
      html`<noscript
        ><div class="key-state">
          <p>
            A decision is signed by a script, which this browser does not run. Turn scripts on for this page, or decide
            on the command line:
          </p>
          ${cli}
        </div></noscript
      >`
    }`;
}

function typedField(delivery: Decidable, id: string): Html {
  return html`<label for="${id}">${deliberately(delivery).label}</label>
    <input
      id="${id}"
      name="typed"
      maxlength="64"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      required
    />`;
}

interface Shared {
  visit: FormsVisit;
  delivery: Decidable;
  mustSign: boolean;
}

const words = {
  confirm: { title: 'Confirm', button: 'Sign and confirm', unsigned: 'Confirm', verdict: 'confirm' },
  reject: { title: 'Reject', button: 'Sign and reject', unsigned: 'Reject', verdict: 'reject' },
  withdraw: { title: 'Take it back', button: 'Sign, and take it back', unsigned: 'Take it back', verdict: 'withdraw' },
  'break-glass': {
    title: 'Emergency',
    button: 'Sign and confirm alone',
    unsigned: 'Confirm alone',
    verdict: 'confirm',
  },
} as const;

interface Form {
  name: keyof typeof words;
  fields: readonly Piece[];
}

function decisionForm({ visit, delivery, mustSign }: Shared, { name, fields }: Form): Html {
  const { id, seal } = delivery;
  const { button, unsigned, verdict } = words[name];
  return html`<form
    class="stack"
    id="${name}"
    method="post"
    action="${deliveryPath(id, 'decision')}"
    data-signs="${statementType('decision')}"
    data-text="/api/v1${deliveryPath(id, 'decision-text')}"
  >
    ${csrfInput(visit.csrf)}
    <input type="hidden" name="verdict" value="${verdict}" data-says="verdict" />
    <input type="hidden" name="seal" value="${seal}" data-says="seal" />
    ${name === 'break-glass' && html`<input type="hidden" name="breakGlass" value="true" data-says="breakGlass" />`}
    <input type="hidden" name="signature" />
    ${fields}
    <p class="fault" role="alert" hidden></p>
    <button class="${name === 'confirm' ? 'primary' : 'danger'}" ${mustSign && html`disabled`}>
      ${mustSign ? button : unsigned}
    </button>
  </form>`;
}

const folded = (summary: string, shared: Shared, form: Form): Html =>
  html`<details class="other">
    <summary>${summary}</summary>
    ${decisionForm(shared, form)}
  </details>`;

const inDoubtWords = {
  hold: 'messages of which nobody can know whether the relay took them are held for a person',
  resend: 'messages of which nobody can know whether the relay took them are sent again, and may come twice',
};

/** All that a signature says beside verdict and comment. The script signs nothing else. */
function signedWords({ id, revision, seal, journal, settings }: Decidable): Html {
  const { inDoubt } = settings.sending;
  const sealedAt = journal.findLast((entry) => entry.kind === 'sealed' && entry.seal === seal)?.at;
  return html`<details class="other">
    <summary>What you sign</summary>
    <p>
      Your verdict and comment on seal ${shortHash(seal, 8)} of this delivery, once: ${inDoubtWords[inDoubt]}. Word for
      word:
    </p>
    ${facts([
      ['delivery', html`<code data-says="delivery">${id}</code>`],
      ['revision', html`<code data-says="revision">${revision}</code>`],
      ['seal', html`<code data-says="seal">${seal}</code>`],
      ['sealed at', html`<code data-says="sealedAt">${sealedAt}</code>`],
      ['in doubt', html`<code data-says="inDoubt">${inDoubt}</code>`],
    ])}
  </details>`;
}

/** `4,990 messages` as people type it. */
export const typedWrong = ({ sealedCount, seal }: Decidable): string =>
  sealedCount <= countedUpTo
    ? `That is not ${grouped(sealedCount)}, the number of messages: nothing was decided.`
    : `That is not the beginning of the seal, ${seal.slice(0, 8)}: nothing was decided.`;
