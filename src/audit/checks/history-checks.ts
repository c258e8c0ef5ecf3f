import { canonicalJson } from '../../delivery/canonical-json.js';
import { untoldEnds } from '../../store/journal.js';
import type { ChainedEntry } from '../journal-chain.js';
import { faultsOf, type Check } from './check.js';
import { type GivenEntry, type RunSummary } from './run-summary.js';

export const historyChecks: readonly Check[] = [
  {
    name: 'histories',
    title: 'the histories of the workflows are whole: every event, every run',
    judge: ({ runs, delivery, approval }) => {
      const expected = delivery
        ? [`delivery:${delivery.id}`, ...(approval.confirmation ? [`sending:${delivery.id}`] : [])]
        : [];
      const missing = expected.filter((id) => !runs.some(({ workflowId }) => workflowId === id));
      const faults = [
        ...missing.map((id) => `there is none of the workflow "${id}"`),
        ...runs.flatMap((run) => faultsOfRun(run, runs)),
      ];
      const events = runs.reduce((sum, run) => sum + run.events, 0);
      return { faults: faultsOf('histories', faults), note: `${runs.length} runs, ${events} events` };
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

function faultsOfRun({ workflowId, runId, gaps, before, after }: RunSummary, runs: readonly RunSummary[]): string[] {
  const name = `${workflowId}, run ${runId.slice(0, 8)}`;
  const isThere = (id: string): boolean => runs.some((run) => run.runId === id);
  return [
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
function nameOf({ n: _n, times: _times, written: _written, ...entry }: Record<string, unknown>): string {
  return canonicalJson(entry);
}

function differences(given: readonly GivenEntry[], journal: readonly ChainedEntry[], whole: boolean): string[] {
  const kept = journal.map((entry) => ({ ...entry, name: nameOf({ ...entry.data, at: entry.at, kind: entry.kind }) }));
  const known = new Set(kept.map(({ name }) => name));
  const lost = given.filter((entry) => entry.written && !known.has(nameOf(entry)));
  const left = new Map<string, number>();
  for (const entry of given) left.set(nameOf(entry), (left.get(nameOf(entry)) ?? 0) + 1);
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
