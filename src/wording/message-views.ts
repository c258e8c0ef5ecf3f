import type { AttemptRow, DryRunRow, LedgerRow } from '../client/index.js';
import { exclusionWords } from '../delivery/control-rules/target-rules.js';
import type { RowView } from './row-view.js';

const csvColumns = [
  'proof',
  'seq',
  'row',
  'seed',
  'address',
  'status',
  'reason',
  'attempts',
  'settledAt',
  'nextAttemptAt',
  'possibleDuplicate',
  'reply',
] as const satisfies readonly (keyof LedgerRow)[];

/** The ledger's rows, with what became of each. */
export const ledgerView: Omit<RowView<LedgerRow>, 'none'> = {
  table: [
    { title: 'seq', align: 'right' },
    { title: 'row', align: 'right' },
    { title: 'address', width: 40 },
    { title: 'status' },
    { title: 'reason' },
    { title: 'tries', align: 'right' },
    { title: 'settled' },
    { title: 'reply', width: 50 },
  ],
  tableCells: ({ seq, row, seed, address, status, reason, attempts, settledAt, reply }) => [
    seq,
    rowOrSeed({ row, seed }),
    address,
    status,
    reason ?? '',
    attempts,
    settledAt === null ? '' : instantText(settledAt),
    reply ?? '',
  ],
  csv: csvColumns,
  csvCells: (row) => csvColumns.map((column) => row[column]),
};

const attemptColumns = [
  'proof',
  'seq',
  'row',
  'seed',
  'address',
  'number',
  'at',
  'outcome',
  'reason',
  'reply',
] as const satisfies readonly (keyof AttemptRow)[];

/** Each attempt at each message. */
export const attemptsView = (id: string): RowView<AttemptRow> => ({
  table: [
    { title: 'seq', align: 'right' },
    { title: 'row', align: 'right' },
    { title: 'address', width: 40 },
    { title: 'try', align: 'right' },
    { title: 'at' },
    { title: 'outcome' },
    { title: 'reason' },
    { title: 'reply', width: 70 },
  ],
  tableCells: ({ seq, row, seed, address, number, at, outcome, reason, reply }) => [
    seq,
    rowOrSeed({ row, seed }),
    address,
    number,
    instantText(at),
    outcome,
    reason ?? '',
    reply ?? '',
  ],
  csv: attemptColumns,
  csvCells: (row) => attemptColumns.map((column) => row[column]),
  none: `No attempt was made yet at such messages of delivery "${id}".`,
});

const dryRunColumns = [
  'seq',
  'row',
  'seed',
  'address',
  'outcome',
  'reason',
  'at',
  'reply',
] as const satisfies readonly (keyof DryRunRow)[];

/** What the relay said of each recipient. */
export const dryRunView = (id: string): RowView<DryRunRow> => ({
  table: [
    { title: 'seq', align: 'right' },
    { title: 'row', align: 'right' },
    { title: 'address', width: 40 },
    { title: 'outcome' },
    { title: 'reason' },
    { title: 'reply', width: 70 },
  ],
  tableCells: ({ seq, row, seed, address, outcome, reason, reply }) => [
    seq,
    rowOrSeed({ row, seed }),
    address,
    outcome,
    reason ?? '',
    reply ?? '',
  ],
  csv: dryRunColumns,
  csvCells: (row) => dryRunColumns.map((column) => row[column]),
  none: `There is no result of a dry run of delivery "${id}": "sealpost dry-run ${id}" makes one.`,
});

/** Recipients who get nothing, with the reason in words. */
export const excludedView: Omit<RowView<LedgerRow>, 'none'> = {
  table: [
    { title: 'row', align: 'right' },
    { title: 'address', width: 40 },
    { title: 'left out by' },
    { title: 'reason' },
    { title: 'why', width: 100 },
  ],
  tableCells: (row) => [rowOrSeed(row), row.address, leftOutWords(row), row.reason ?? '', whyExcluded(row)],
  csv: ['row', 'seed', 'address', 'leftOutBy', 'reason', 'why'],
  csvCells: (row) => [row.row, row.seed, row.address, row.leftOutBy, row.reason, whyExcluded(row)],
  json: (row) => ({ ...row, why: whyExcluded(row) }),
};

const instantText = (at: string): string => at.slice(0, 19).replace('T', ' ');

const rowOrSeed = ({ row, seed }: Pick<LedgerRow, 'row' | 'seed'>): string | number => row ?? `seed ${seed}`;

export const leftOutWords = ({ leftOutBy }: LedgerRow): string => (leftOutBy === null ? '' : `the ${leftOutBy}`);

/** The words for the reason, with the fault of this very recipient where there is one. */
export function whyExcluded({ reason, reply }: Pick<LedgerRow, 'reason' | 'reply'>): string {
  const words = reason === null ? '' : (exclusionWords[reason] ?? reason);
  return reason === 'personalisation-failed' && reply !== null ? `${words} (${reply})` : words;
}
