import type { DeliveryStanding } from '../../../client/index.js';
import { phaseText } from '../../../wording/phase-text.js';
import { standingWords } from '../../../wording/schedule-text.js';
import type { Permission } from '../../access/permissions.js';
import { isFinal } from '../../../delivery/phase.js';
import { html, type Html, type Piece } from '../html.js';
import type { Page, Visit } from '../route.js';
import { instant, phaseBadge, shortHash } from '../shown-values.js';
import { deliveryPath } from './delivery-address.js';

/** Revisions can be given as long as nothing has left; the workflow judges all the same. */
const canRevise = ({ phase, sendingSince }: Pick<DeliveryStanding, 'phase' | 'sendingSince'>): boolean =>
  sendingSince === undefined && !isFinal(phase);

/** Pages of one delivery, by the end of their address: an entry is shown to whom its page answers. */
const deliveryPages: readonly {
  page?: string;
  label: string;
  needs: Permission;
  /** While it has something to show. @default always */
  when?: (delivery: DeliveryStanding) => boolean;
}[] = [
  { label: 'Overview', needs: 'read' },
  { page: 'report', label: 'Report', needs: 'read' },
  { page: 'preview', label: 'Preview', needs: 'recipients' },
  { page: 'proofs', label: 'Proofs', needs: 'read' },
  { page: 'decision', label: 'Decision', needs: 'read' },
  { page: 'sending', label: 'Sending', needs: 'read', when: ({ seal }) => seal !== undefined },
  { page: 'recipients', label: 'Recipients', needs: 'recipients' },
  { page: 'in-doubt', label: 'In doubt', needs: 'recipients', when: ({ sendingSince }) => sendingSince !== undefined },
  { page: 'timeline', label: 'Timeline', needs: 'read' },
  { page: 'edit', label: 'Edit', needs: 'submit', when: canRevise },
  { page: 'bundle', label: 'Audit bundle', needs: 'audit' },
];

/** What each page of a delivery begins with: what it is, where it stands, and where else one can look. */
export function deliveryFrame(
  { visitor }: Pick<Visit, 'visitor'>,
  delivery: DeliveryStanding,
  {
    page,
    title,
    body,
    acts,
    scripts = [],
  }: { page?: string; title?: string; body: Html; acts?: Piece; scripts?: readonly string[] },
): Page {
  const { id, name, phase, author, createdAt, revision } = delivery;
  const entries = deliveryPages.filter(({ needs, when }) => visitor.may.has(needs) && (when?.(delivery) ?? true));
  const words = phaseText(phase, standingWords(delivery)).replace(/^[\w-]+: /, '');
  const main = html`<nav class="crumbs" aria-label="Where this is"><a href="/deliveries">Deliveries</a></nav>
    <header class="delivery-head">
      <div class="title-row">
        <h1><bdi>${name}</bdi></h1>
        ${phaseBadge(phase)} ${acts}
      </div>
      <p class="under-title">${words[0]?.toUpperCase()}${words.slice(1)}.</p>
      <p class="meta">
        <code>${id}</code> <span>revision ${shortHash(revision)} by <bdi>${author}</bdi></span>
        <span>created ${instant(createdAt)}</span>
      </p>
      ${
        entries.length > 1 &&
        html`<nav class="tabs-nav" aria-label="This delivery">
          <ul class="tabs">
            ${entries.map(
              (entry) =>
                html`<li>
                  <a href="${deliveryPath(id, entry.page)}" ${entry.page === page && html`aria-current="page"`}
                    >${entry.label}</a
                  >
                </li>`,
            )}
          </ul>
        </nav>`
      }
    </header>
    ${body}`;
  return { title: title === undefined ? name : `${title}: ${name}`, main, section: '/deliveries', scripts };
}
