import { z } from 'zod';
import type { StatusCounts } from '../../delivery/message-status.js';
import { canonicalJson } from '../../delivery/canonical-json.js';
import { faultsOf, type Check } from './check.js';
import { followsFrom } from './ledger-sum.js';

const countsSchema = z.record(z.string(), z.number());

export const countChecks: readonly Check[] = [
  {
    name: 'counts',
    title: 'workflow, journal and ledger count the same messages',
    judge: ({ journal, runs, ledger }) => {
      const ended = journal.findLast(({ kind }) => kind === 'ended');
      const counted = countsSchema.safeParse(ended?.data['counts']).data;
      if (!ended || !counted) return { faults: [], skipped: 'the delivery has not ended by itself' };
      const { result } = runs.findLast((run) => run.result !== undefined) ?? {};
      const resolved = journal.some(
        ({ n, kind, data }) => n > ended.n && kind === 'in-doubt' && data['accepted'] === true,
      );
      const agrees = resolved ? followsFrom : isSame;
      return {
        faults: [
          ...faultsOf(
            'histories',
            !result || isSame(result.counts, counted)
              ? []
              : ['the workflow ended with other counts than the journal tells'],
          ),
          ...faultsOf(
            'messages',
            agrees(counted, ledger.counts)
              ? []
              : [`the journal ended with ${inWords(counted)}, and the rows are ${inWords(ledger.counts)}`],
          ),
        ],
        note: inWords(ledger.counts),
      };
    },
  },
];

const isSame = (one: StatusCounts, other: StatusCounts): boolean => canonicalJson(one) === canonicalJson(other);

const inWords = (counts: StatusCounts): string =>
  Object.entries(counts)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ') || 'none';
