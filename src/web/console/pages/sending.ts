import { z } from 'zod';
import { scheduleFields, shownWaves, waveColumns, waveRows } from '../../../wording/schedule-text.js';
import type { DeliveryStanding, DomainStatus, WaveStatus } from '../../../client/index.js';
import { stillOpen, type StatusCounts } from '../../../delivery/message-status.js';
import { isFinal } from '../../../delivery/phase.js';
import { grouped } from '../../../delivery/plain-words.js';
import { rateSchema, unlimited } from '../../../delivery/rate.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';
import type { Pace } from '../ledger-view.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant } from '../shown-values.js';
import { statusBar } from '../status-bar.js';
import { actButtons, noticeOf } from './delivery-acts.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';
import { facts } from './delivery-step.js';
import { figuresOf, paceWords } from './message-counts.js';
import { newsScript, watchesDelivery } from './watch-marker.js';

type Params = z.output<typeof deliveryParams>;

async function sendingPage(visit: Visit<'read', Params>): Promise<Answer> {
  const {
    sealpost,
    ledger,
    params: { id },
  } = visit;
  const delivery = await sealpost.delivery(id).standing();
  const ended = isFinal(delivery.phase);
  const [pace, domains, counted] = await Promise.all([
    ledger.pace(id, ended),
    ledger.domains(id, ended),
    delivery.schedule?.waves && ledger.waves(id, ended),
  ]);
  const body = html`${watchesDelivery('sending', delivery)}
    <h2 class="page-title">Sending</h2>
    ${progress(pace)} ${timing(delivery)} ${rateForm(visit, delivery)} ${waves(delivery, counted)}
    <h3>By domain</h3>
    ${domainsTable(domains)}`;
  const acts = actButtons(visit, delivery, ['resume', 'pause', 'stop']);
  return {
    page: deliveryFrame(visit, delivery, { page: 'sending', title: 'Sending', body, acts, scripts: [newsScript] }),
  };
}

const counting = 'There are many messages: they are being counted. Load the page again in a moment.';

function progress(pace: Pace | undefined): Html {
  return html`<div class="sending">
    <p data-live="pace">${pace ? paceWords(pace) : counting}</p>
    <div data-live="figures">${pace && figuresOf(pace)}</div>
  </div>`;
}

/** What holds now: a rate that was set while it is sent stands in the journal. */
function rateOf({ journal, settings }: DeliveryStanding): string {
  const rate = journal.findLast(({ kind }) => kind === 'rate-set')?.rate ?? settings.sending.rate;
  return rate === undefined || rate === unlimited ? 'as fast as they are taken' : `${rate} at the most`;
}

function timing(delivery: DeliveryStanding): Html | undefined {
  const { settings, sendingSince } = delivery;
  return facts([
    ['rate', rateOf(delivery)],
    ['priority', settings.sending.priority ?? 'normal'],
    ...(sendingSince === undefined ? [] : [['since', instant(sendingSince)] as const]),
    ...scheduleFields(delivery).filter(([name]) => name !== 'rate'),
    ['tried until', settings.sending.validUntil ?? `${settings.sending.validity} after the start`],
  ]);
}

function rateForm({ csrf, visitor }: Visit<'read', Params>, { id, phase }: DeliveryStanding): Html | false {
  const offered = visitor.may.has('steer') && ['scheduled', 'sending', 'paused'].includes(phase);
  return (
    offered &&
    html`<form class="rate-form" method="post" action="${deliveryPath(id, 'rate')}">
      ${csrfInput(csrf)}
      <label for="rate">Another rate</label>
      <input id="rate" name="rate" required maxlength="30" placeholder="100/min" aria-describedby="rate-hint" />
      <button>Set it</button>
      <p class="hint" id="rate-hint">
        Messages a second, a minute or an hour, over all workers: 50/s, 100/min, 6000/h; or ${unlimited}. It holds from
        now on.
      </p>
    </form>`
  );
}

function waves(delivery: DeliveryStanding, counted: readonly WaveStatus[] = []): Html | false {
  const rows = waveRows(delivery);
  const places = shownWaves(delivery.schedule?.waves?.length).map(placeOfWave);
  const bars = waveParts(counted);
  return (
    rows.length > 0 &&
    html`<h3>Waves</h3>
      <table class="counts waves">
        <thead>
          <tr>
            ${waveColumns.map(({ title }) => html`<th scope="col">${title}</th>`)}
            <th scope="col">what became of them</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (cells, i) =>
              html`<tr>
                ${cells.map((cell) => html`<td>${cell}</td>`)}
                <td data-live="${places[i]}">${bars[places[i] ?? '']}</td>
              </tr>`,
          )}
        </tbody>
      </table>`
  );
}

const barOf = ({ counts, messages }: { counts: StatusCounts; messages: number }): Html =>
  statusBar({ counts, total: messages, settled: messages - stillOpen(counts) });

/** Bars of the waves that the page shows, by the name of their place. */
export function waveParts(counted: readonly WaveStatus[]): Record<string, Html> {
  const shown = new Set(shownWaves(counted.at(-1)?.wave ?? 0));
  return Object.fromEntries(
    counted.filter(({ wave }) => shown.has(wave)).map((of) => [placeOfWave(of.wave), barOf(of)]),
  );
}

const placeOfWave = (wave: number | undefined): string => `wave-${wave ?? 'left-out'}`;

function domainsTable(domains: readonly DomainStatus[] | undefined): Html {
  if (!domains) return html`<p class="hint">${counting}</p>`;
  if (domains.length === 0) return html`<p>There are no messages yet.</p>`;
  return html`<table class="counts domains">
    <thead>
      <tr>
        <th scope="col">domain</th>
        <th scope="col">what became of them</th>
        <th scope="col" class="number">messages</th>
      </tr>
    </thead>
    <tbody data-live="domains">
      ${domainRows(domains)}
    </tbody>
  </table>`;
}

export const domainRows = (domains: readonly DomainStatus[]): Html =>
  html`${domains.map(
    ({ domain, messages, counts }) =>
      html`<tr>
        <th scope="row">${domain === '' ? 'all others' : html`<bdi>${domain}</bdi>`}</th>
        <td>${barOf({ counts, messages })}</td>
        <td class="number">${grouped(messages)}</td>
      </tr>`,
  )}`;

const rateFields = z.object({ rate: z.string().trim().max(30) });

async function setRate({
  sealpost,
  operator,
  params: { id },
  form: { rate },
}: Visit<'steer', Params, unknown, z.output<typeof rateFields>>): Promise<Answer> {
  const to = deliveryPath(id, 'sending');
  const parsed = rateSchema('the rate').safeParse(rate);
  if (rate !== unlimited && !parsed.success) {
    const text = `${parsed.error.issues[0]?.message ?? 'That is no rate'}, or ${unlimited}.`;
    return { to, notice: { kind: 'refused', text } };
  }
  const fast = rate === unlimited ? 'as fast as they are taken' : `at ${rate} at the most`;
  const delivery = sealpost.delivery(id);
  const notice = await noticeOf(
    () => delivery.setRate({ operator: operator.id, rate }),
    `Messages leave ${fast} from now on.`,
  );
  return { to, notice };
}

export const sendingRoutes: readonly ConsoleRoute[] = [
  page({ path: '/deliveries/:id/sending', needs: 'read', params: deliveryParams, answer: sendingPage }),
  form({ path: '/deliveries/:id/rate', needs: 'steer', params: deliveryParams, form: rateFields, answer: setRate }),
];
