import { z } from 'zod';
import type { DeliveryFilter, DeliverySummary } from '../../../client/index.js';
import { finalPhases, isFinal, phases, type Phase } from '../../../delivery/phase.js';
import { grouped, plural } from '../../../delivery/plain-words.js';
import { percentOf } from '../../../wording/progress-estimate.js';
import { html, type Html } from '../html.js';
import type { Pace } from '../ledger-view.js';
import { page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant, number, phaseBadge, phaseLabel } from '../shown-values.js';
import { statusBar, statusWords } from '../status-bar.js';
import { newsScript, watchesList } from './watch-marker.js';

const perPage = 25;

/** What the list can be narrowed to: groups that people look for, and each phase. */
const groups = {
  open: phases.filter((phase) => !isFinal(phase)),
  wanted: ['awaiting-decision', 'awaiting-revision', 'paused'],
  ended: finalPhases,
} as const satisfies Record<string, readonly Phase[]>;
type Group = keyof typeof groups;

const groupWords: Readonly<Record<Group, string>> = { open: 'under way', wanted: 'waiting for people', ended: 'ended' };

const statuses = [...(Object.keys(groups) as Group[]), ...phases];
type Status = (typeof statuses)[number];

const isGroup = (status: Status): status is Group => Object.hasOwn(groups, status);
const phasesOf = (status: Status): readonly Phase[] => (isGroup(status) ? groups[status] : [status]);

const query = z.object({
  // What is in no list of ours shows all of them, as if nothing had been asked for.
  status: z.enum(statuses).optional().catch(undefined),
  search: z.string().trim().max(200).optional().catch(undefined),
  after: z.string().max(200).optional().catch(undefined),
});
type Query = z.output<typeof query>;

async function deliveriesPage({
  sealpost,
  ledger,
  query: asked,
  visitor,
}: Visit<'read', unknown, Query>): Promise<Answer> {
  const { status, search = '', after } = asked;
  const filter: DeliveryFilter = {
    limit: perPage + 1,
    ...(status !== undefined && { phases: phasesOf(status) }),
    ...(search !== '' && { search }),
    ...(after !== undefined && { after }),
  };
  const [found, counts] = await Promise.all([sealpost.list(filter), sealpost.countPhases()]);
  const shown = found.slice(0, perPage);
  const paces = await Promise.all(shown.map(({ id, phase }) => paceOf(ledger, id, phase)));
  const more = found.length > perPage ? shown.at(-1)?.id : undefined;
  const main = html`<div class="title-row">
      <h1>Deliveries</h1>
      ${visitor.may.has('submit') && html`<div class="acts"><a class="button" href="/new-delivery">New delivery</a></div>`}
    </div>
    ${filters(asked, counts)}
    ${
      shown.length === 0
        ? nothingFound(asked)
        : html`<ul class="plain deliveries">
              ${shown.map((summary, i) => deliveryRow(summary, paces[i]))}
            </ul>
            ${watchesList(shown)}`
    }
    ${pager(asked, more)}`;
  return { page: { title: 'Deliveries', main, section: '/deliveries', scripts: [newsScript] } };
}

/** Before the analysis there is nothing to count. */
const uncounted: ReadonlySet<Phase> = new Set(['checking', 'proofing', 'awaiting-revision']);

export async function paceOf(ledger: Visit['ledger'], id: string, phase: Phase): Promise<Pace | undefined> {
  return uncounted.has(phase) ? undefined : await ledger.pace(id, isFinal(phase));
}

function address({ status, search, after }: Query): string {
  const wanted = new URLSearchParams();
  for (const [name, value] of Object.entries({ status, search, after })) if (value) wanted.set(name, value);
  return wanted.size === 0 ? '/deliveries' : `/deliveries?${wanted.toString()}`;
}

function filters({ status, search }: Query, counts: Partial<Record<Phase, number>>): Html {
  const sum = (wanted: readonly Phase[]) => wanted.reduce((total, phase) => total + (counts[phase] ?? 0), 0);
  const tab = (value: Group | undefined, label: string, count: number) =>
    html`<li>
      <a href="${address({ status: value, search })}" ${status === value && html`aria-current="true"`}
        >${label} <span class="count">${grouped(count)}</span></a
      >
    </li>`;
  return html`<div class="filters">
    <ul class="tabs" aria-label="Which deliveries">
      ${tab(undefined, 'all', sum(phases))}
      ${(Object.keys(groups) as Group[]).map((group) => tab(group, groupWords[group], sum(groups[group])))}
    </ul>
    <form class="search" method="get" action="/deliveries" role="search">
      <label class="unseen" for="search">Search by id or name</label>
      <input id="search" type="search" name="search" value="${search ?? ''}" placeholder="id or name" />
      <label class="unseen" for="status">Status</label>
      <select id="status" name="status" data-submit>
        <option value="">any status</option>
        ${(Object.keys(groups) as Group[]).map((group) => option(group, groupWords[group], status))}
        <hr />
        ${phases.map((phase) => option(phase, phaseLabel(phase), status))}
      </select>
      <button>Search</button>
    </form>
  </div>`;
}

const option = (value: Status, label: string, chosen: Status | undefined): Html =>
  html`<option value="${value}" ${value === chosen && html`selected`}>${label}</option>`;

function deliveryRow({ id, name, phase, createdAt, profiles }: DeliverySummary, pace: Pace | undefined): Html {
  return html`<li data-delivery="${id}">
    <a class="delivery" href="/deliveries/${encodeURIComponent(id)}">
      <span class="name"><bdi>${name}</bdi></span>
      <span class="id">${id}</span>
    </a>
    <div class="standing" data-live="phase">${phaseBadge(phase)}</div>
    <div class="progress" data-live="progress">${rowProgress(phase, profiles, pace)}</div>
    <div class="created">${instant(createdAt)}</div>
  </li>`;
}

/** How far one of a list is. */
export function rowProgress(phase: Phase, profiles: number, pace: Pace | undefined): Html {
  const people = html`<small>${plural(profiles, 'recipient')}</small>`;
  if (!pace) return people;
  if (phase === 'analysing' && pace.analysis) {
    const { prepared, total } = pace.analysis;
    return html`<progress max="${total}" value="${prepared}" aria-label="Analysed"></progress>
      <small>${number(prepared)} of ${number(total)} analysed</small>`;
  }
  if (pace.total === 0 || phase === 'awaiting-decision' || phase === 'analysing') return people;
  return html`${statusBar(pace)}<small>${isFinal(phase) ? outcome(pace) : progressWords(pace)}</small>`;
}

const progressWords = (pace: Pace): string => `${percentOf(pace)} % of ${plural(pace.total, 'message')}`;

function outcome({ counts }: Pace): string {
  return statusWords
    .flatMap(([status, word]) => (counts[status] ? [`${grouped(counts[status])} ${word}`] : []))
    .join(', ');
}

function nothingFound({ status, search = '', after }: Query): Html {
  if (status === undefined && search === '' && after === undefined)
    return html`<div class="empty">
      <p>There are no deliveries yet.</p>
      <p>An engineer starts one: <a href="/new-delivery?begin=example">begin with an example</a>.</p>
    </div>`;
  return html`<div class="empty">
    <p>No delivery is like that.</p>
    <p><a href="/deliveries">Show all</a></p>
  </div>`;
}

function pager({ status, search, after }: Query, next: string | undefined): Html | undefined {
  if (after === undefined && next === undefined) return undefined;
  return html`<nav class="pager" aria-label="Pages">
    ${after === undefined ? html`<span></span>` : html`<a href="${address({ status, search })}">⇤ The newest</a>`}
    ${next !== undefined && html`<a rel="next" href="${address({ status, search, after: next })}">Older →</a>`}
  </nav>`;
}

export const deliveriesRoutes: readonly ConsoleRoute[] = [
  page({ path: '/deliveries', needs: 'read', query, answer: deliveriesPage }),
];
