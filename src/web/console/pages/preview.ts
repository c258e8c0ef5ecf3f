import { z } from 'zod';
import { mailboxText } from '../../../wording/description-text.js';
import { rowText } from '../../../wording/target-text.js';
import { DefinitionError, type DeliveryStanding, type Preview } from '../../../client/index.js';
import { framedHtml } from '../../../content/inert-html.js';
import { exclusionWords } from '../../../delivery/control-rules/target-rules.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';
import { facts } from './delivery-step.js';
import { mailFrame, previewPath, type MailView } from './mail-frame.js';

const views = ['desktop', 'phone', 'text', 'source'] as const;

const query = z.object({
  // A seed's row is below 0.
  row: z.coerce.number().int().min(-2_147_483_648).max(2_147_483_647).optional().catch(undefined),
  view: z.enum(views).optional().catch(undefined),
  images: z.literal('off').optional().catch(undefined),
  scheme: z.literal('dark').optional().catch(undefined),
});

type PreviewVisit = Visit<'recipients', z.output<typeof deliveryParams>, z.output<typeof query>>;

async function previewPage(visit: PreviewVisit): Promise<Answer> {
  const { sealpost, params, query: asked } = visit;
  const of = sealpost.delivery(params.id);
  const delivery = await of.standing();
  const made = await madeOrFault(() => of.preview(asked.row));
  const body = html`${chooser(visit, typeof made === 'string' ? asked.row : made.row)}
  ${typeof made === 'string' ? html`<p class="fault" role="alert">${made}</p>` : message(delivery, made, asked)}`;
  const status = typeof made === 'string' ? { status: 422 } : {};
  return { page: deliveryFrame(visit, delivery, { page: 'preview', title: 'Preview', body }), ...status };
}

async function madeOrFault(make: () => Promise<Preview>): Promise<Preview | string> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof DefinitionError) return error.message;
    throw error;
  }
}

/** Posted, so that nobody's address stands in an address of ours. */
function chooser({ csrf, params: { id } }: PreviewVisit, row: number | undefined): Html {
  const other = (to: number, label: string) =>
    html`<a class="button" href="${previewPath(id, { row: to })}">${label}</a>`;
  return html`<form class="chooser" method="post" action="${deliveryPath(id, 'preview')}">
    ${csrfInput(csrf)}
    <label for="who">Whose mail</label>
    <input id="who" name="who" value="${row ?? ''}" maxlength="320" autocomplete="off" aria-describedby="who-hint" />
    <button>Show</button>
    ${row !== undefined && row > 1 && other(row - 1, 'Before')}
    ${row !== undefined && row > 0 && other(row + 1, 'Next')}
    <p class="hint" id="who-hint">A row of the recipients, or an address.</p>
  </form>`;
}

const viewWords = { desktop: 'Desktop', phone: 'Phone', text: 'Text', source: 'Source' } as const;

function message(delivery: DeliveryStanding, preview: Preview, asked: MailView): Html {
  const { id, seal } = delivery;
  const { row, html: shown, subject, from, replyTo, to, leftOut } = preview;
  const view = asked.view ?? (shown === undefined ? 'text' : 'desktop');
  const now: MailView = { ...asked, row, view };
  const link = (label: string, to: MailView, current: boolean) =>
    html`<li><a href="${previewPath(id, { ...now, ...to })}" ${current && html`aria-current="true"`}>${label}</a></li>`;
  const framed = view === 'desktop' || view === 'phone';
  return html`${
      leftOut !== undefined &&
      html`<div class="notice queued">
        <span class="mark" aria-hidden="true">!</span>
        <p>This recipient gets no message: ${exclusionWords[leftOut] ?? leftOut}.</p>
      </div>`
    }
    ${facts([
      ['subject', subject],
      ['from', mailboxText(from)],
      ...(replyTo ? [['answers to', mailboxText(replyTo)] as const] : []),
      ['to', `${to} (${rowText(row)})`],
    ])}
    <nav class="views" aria-label="How it is shown">
      <ul class="tabs">
        ${views
          .filter((one) => shown !== undefined || one === 'text' || one === 'source')
          .map((one) => link(viewWords[one], { view: one }, one === view))}
      </ul>
      ${
        framed &&
        html`<ul class="tabs">
          ${link('Images off', { images: asked.images === 'off' ? undefined : 'off' }, asked.images === 'off')}
          ${link('Dark', { scheme: asked.scheme === 'dark' ? undefined : 'dark' }, asked.scheme === 'dark')}
        </ul>`
      }
    </nav>
    ${
      framed
        ? html`${mailFrame(id, { ...now, title: `Message to ${rowText(row)}` })}
            <p class="hint">
              ${seal === undefined ? 'As the current revision makes it; it is not sealed yet.' : 'As it is sealed.'}
              Images from the web are not loaded, and links lead nowhere here.
            </p>`
        : html`<pre class="written" dir="auto" tabindex="0">
${view === 'source' ? sourceOf(preview) : preview.text}</pre>`
    }`;
}

/** More of a message's source is files in Base64. */
const mostSource = 200_000;

function sourceOf({ eml }: Preview): string {
  const source = eml.subarray(0, mostSource).toString('latin1');
  return eml.length > mostSource ? `${source}\n…` : source;
}

async function frame({ sealpost, params, query: { row, images, scheme } }: PreviewVisit): Promise<Answer> {
  const { html: shown = '' } = await sealpost.delivery(params.id).preview(row);
  return { frame: { html: framedHtml(shown, scheme ?? 'light'), images: images === undefined } };
}

const fields = z.object({ who: z.string().trim().max(320) });

async function choose({
  sealpost,
  params: { id },
  form: { who },
}: Visit<'recipients', z.output<typeof deliveryParams>, unknown, z.output<typeof fields>>): Promise<Answer> {
  if (/^-?\d{1,9}$/.test(who)) return { to: previewPath(id, { row: Number(who) }) };
  const made = await madeOrFault(() => sealpost.delivery(id).preview(who === '' ? undefined : { address: who }));
  if (typeof made !== 'string') return { to: previewPath(id, { row: made.row }) };
  return { to: previewPath(id, {}), notice: { kind: 'refused', text: 'There is no such row, and no such address.' } };
}

export const previewRoutes: readonly ConsoleRoute[] = [
  page({ path: '/deliveries/:id/preview', needs: 'recipients', params: deliveryParams, query, answer: previewPage }),
  page({ path: '/deliveries/:id/preview/frame', needs: 'recipients', params: deliveryParams, query, answer: frame }),
  form({ path: '/deliveries/:id/preview', needs: 'recipients', params: deliveryParams, form: fields, answer: choose }),
];
