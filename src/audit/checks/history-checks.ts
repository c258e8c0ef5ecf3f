import { canonicalJson } from '../../delivery/canonical-json.js';
import { untoldEnds } from '../../store/journal.js';
import type { ChainedEntry } from '../journal-chain.js';
import { faultsOf, type Check } from './check.js';
import { type GivenEntry, type RunSummary } from './run-summary.js';

export const historyChecks: readonly Check[] = [
  {
    name: 'histories',
    title: 'the histories of the workflows are whole: every event, every run',
    judge: ({ runs, journal, delivery, approval }) => {
      const expected = delivery
        ? [`delivery:${delivery.id}`, ...(approval.confirmation ? [`sending:${delivery.id}`] : [])]
        : [];
      const missing = expected.filter((id) => !runs.some(({ workflowId }) => workflowId === id));
      const underWay = openRuns(runs, journal, delivery?.id);
      const faults = [
        ...missing.map((id) => `there is none of the workflow "${id}"`),
        ...runs.flatMap((run) => faultsOfRun(run, runs)),
        ...(isOver(journal) ? underWay.map((name) => `${name} breaks off: its end is missing`) : []),
        ...undecided(runs, journal),
      ];
      const events = runs.reduce((sum, run) => sum + run.events, 0);
      const note = `${runs.length} runs, ${events} events`;
      const open = [...underWay, ...resendUnderWay(runs, journal, delivery?.id)];
      const skipped = `incomplete, for the bundle was exported while this was under way: ${open.join(', ')}; ${note}`;
      return { faults: faultsOf('histories', faults), note, ...(open.length > 0 && { skipped }) };
    },
  },
  {
    name: 'journal-history',
    title: 'the journal tells what the workflow gave to it, and no decision beside',
    judge: ({ runs, journal, delivery }) => {
      const own = runs.filter(({ workflowId }) => workflowId === `delivery:${delivery?.id}`);
      if (own.length === 0) return { faults: [], skipped: 'there is no history of it' };
      const given = own.flatMap(({ journalled }) => journalled);
      return {
        faults: faultsOf('journal', differences(given, journal, isWhole(own))),
        note: `${given.length} entries`,
      };
    },
  },
];

const nameOfRun = ({ workflowId, runId }: RunSummary): string => `${workflowId}, run ${runId.slice(0, 8)}`;

/** Whether the delivery's workflow has said its last word, or somebody had to say it in its place. */
const isOver = (journal: readonly ChainedEntry[]): boolean =>
  journal.some((entry) => entry.kind === 'ended' || (entry.kind === 'phase' && byOthers(entry)));

/** Runs that have no end yet. */
function openRuns(runs: readonly RunSummary[], journal: readonly ChainedEntry[], id: string | undefined): string[] {
  const open = runs.filter(({ isClosed, events }) => !isClosed && events > 0);
  const isSentAgain = isOver(journal) && resendUnderWay(runs, journal, id).length > 0;
  return open.filter(({ workflowId }) => !(isSentAgain && workflowId === `sending:${id}`)).map(nameOfRun);
}

/** After a delivery has ended, what was in doubt may be sent again for days. */
function resendUnderWay(
  runs: readonly RunSummary[],
  journal: readonly ChainedEntry[],
  id: string | undefined,
): string[] {
  const ended = journal.find(({ kind }) => kind === 'ended')?.n ?? Infinity;
  const asked = journal.some(
    ({ n, kind, data }) =>
      n > ended && kind === 'in-doubt' && data['accepted'] === true && data['verdict'] === 'resend',
  );
  const name = `resend:${id}`;
  return asked && !runs.some(({ workflowId }) => workflowId === name) ? [name] : [];
}

/** Decisions on messages in doubt come from workflows of their own. */
function undecided(runs: readonly RunSummary[], journal: readonly ChainedEntry[]): string[] {
  const decided = new Set(runs.map(({ command }) => command));
  return journal
    .filter(({ kind, data }) => kind === 'in-doubt' && !decided.has(String(data['command'])))
    .map(({ n }) => `there is none of the workflow that decided on messages in doubt (journal, entry ${n})`);
}

function faultsOfRun(run: RunSummary, runs: readonly RunSummary[]): string[] {
  const { events, gaps, before, after } = run;
  const name = nameOfRun(run);
  const isThere = (id: string): boolean => runs.some(({ runId }) => runId === id);
  return [
    ...(events === 0 ? [`${name} has no events`] : []),
    ...(gaps.length > 0 ? [`${name}: events are missing or moved before event ${gaps[0]}`] : []),
    ...(before !== undefined && !isThere(before) ? [`${name}: the run that it goes on from is missing`] : []),
    ...(after !== undefined && !isThere(after) ? [`${name} goes on, and the next run is missing`] : []),
  ];
}

/** Whether nothing is missing at the beginning. */
const isWhole = (runs: readonly RunSummary[]): boolean =>
  runs.every(({ before }) => before === undefined || runs.some(({ runId }) => runId === before));

/** Written by others: decisions on messages in doubt, and the end of a workflow that could not tell it. */
const byOthers = ({ kind, data: { phase, reason } }: ChainedEntry): boolean =>
  kind === 'in-doubt' ||
  (kind === 'phase' && phase === 'failed' && Object.values<unknown>(untoldEnds).includes(reason));

/** Its number is the workflow's own there, and equal refusals may have been counted in one entry before it was written. */
export function nameOfEntry({ n: _n, times: _times, written: _written, ...entry }: Record<string, unknown>): string {
  return canonicalJson(entry);
}

/** The same of one that stands in the journal. */
export const nameOfKept = ({ data, at, kind }: ChainedEntry): string => nameOfEntry({ ...data, at, kind });

function differences(given: readonly GivenEntry[], journal: readonly ChainedEntry[], whole: boolean): string[] {
  const kept = journal.map((entry) => ({ ...entry, name: nameOfKept(entry) }));
  const known = new Set(kept.map(({ name }) => name));
  const lost = given.filter((entry) => entry.written && !known.has(nameOfEntry(entry)));
  const left = new Map<string, number>();
  for (const entry of given) left.set(nameOfEntry(entry), (left.get(nameOfEntry(entry)) ?? 0) + 1);
  const invented = kept.filter((entry) => {
    const count = left.get(entry.name) ?? 0;
    left.set(entry.name, count - 1);
    return whole && count <= 0 && !byOthers(entry);
  });
  return [
    ...lost.map(({ kind, at }) => `an entry is missing or was changed: "${kind}" at ${at}`),
    ...invented.map(({ n, kind }) => `entry ${n}: the workflow knows nothing of this "${kind}"`),
  ];
}
