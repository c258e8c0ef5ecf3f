import { Option, type Command } from 'commander';
import type { AttemptRow, DryRunRow, LedgerFilter, LedgerRow, MessageStatus, Reason } from '../client/index.js';
import { exclusionWords } from '../delivery/control-rules/target-rules.js';
import { messageStatuses, reasons } from '../delivery/message-status.js';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { printRows, type RowView } from './listed-rows.js';
import { countOption, wordOption, wordsOption } from './option-values.js';

interface Options extends CommonOptions {
  status?: MessageStatus[];
  reason?: Reason;
  excluded?: boolean;
  proof?: number;
  copies?: boolean;
  attempts?: boolean;
  dryRun?: boolean;
  address?: string;
  seeds?: boolean;
  limit?: number;
  csv?: boolean;
}

export function registerMessages(program: Command, cli: Cli): void {
  addCommand(program, 'messages <delivery>', 'the ledger: who was sent what, when, with what reply', [
    'sealpost messages 2026-11-winter-news --status failed,in-doubt',
    'sealpost messages 2026-11-winter-news --excluded --reason denylisted',
    'sealpost messages 2026-11-winter-news --excluded --csv > excluded.csv',
    'sealpost messages 2026-11-winter-news --attempts --address ann@shop.example',
  ])
    .option('--status <status>', `only these: ${messageStatuses.join(', ')}`, wordsOption(messageStatuses))
    .option('--reason <reason>', 'only with this reason', wordOption(Object.keys(reasons) as Reason[]))
    .option('--excluded', 'who was left out, by the analysis or at the claim, and why')
    .option('--proof <number>', "a proof's messages in place of the main target's", countOption)
    .addOption(
      new Option('--copies', "the archive's copies in place of the main target's, each under its recipient").conflicts(
        'proof',
      ),
    )
    .addOption(
      new Option('--attempts', 'every attempt at each of them, in order, with its reply').conflicts('excluded'),
    )
    .addOption(
      new Option('--dry-run', 'what the relay said of each recipient in the last dry run').conflicts([
        'status',
        'reason',
        'excluded',
        'proof',
        'copies',
        'attempts',
        'seeds',
      ]),
    )
    .option('--seeds', 'only those to seeds')
    .option('--address <address>', 'only to this address')
    .option('--limit <count>', 'at most so many (the table: 50 where it is not given)', countOption)
    .option('--csv', 'as CSV, safe to open in a spreadsheet')
    .action((id: string, options: Options) => listMessages(cli, id, options));
}

/** Prints the rows of the ledger that the options ask for, as a table, CSV or JSON. */
export async function listMessages(cli: Cli, id: string, options: Options): Promise<void> {
  await withDelivery(cli, id, async (delivery) => {
    // An id that nobody knows is an error and not an empty list.
    await delivery.progress();
    if (options.attempts) {
      const attempts = (limit: number | undefined) => delivery.attempts(filterOf(options, limit));
      return await printRows(cli.terminal, options, attempts, attemptsView(id));
    }
    if (options.dryRun) {
      const { address } = options;
      const tried = (limit: number | undefined) =>
        delivery.dryRunResults({ ...(address !== undefined && { address }), ...(limit !== undefined && { limit }) });
      return await printRows(cli.terminal, options, tried, dryRunView(id));
    }
    const rows = (limit: number | undefined) => delivery.messages(filterOf(options, limit));
    const view = options.excluded ? excludedView : ledgerView;
    await printRows(cli.terminal, options, rows, { ...view, none: `Delivery "${id}" has no such messages.` });
  });
}

function filterOf(
  { status, reason, excluded, proof, copies, address, seeds }: Options,
  limit: number | undefined,
): LedgerFilter {
  return {
    ...(status && { statuses: status }),
    ...(reason && { reason }),
    ...(excluded && { excluded }),
    ...(proof !== undefined && { proof }),
    ...(copies && { copies }),
    ...(seeds && { seeds }),
    ...(address !== undefined && { address }),
    ...(limit !== undefined && { limit }),
  };
}

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
const ledgerView: Omit<RowView<LedgerRow>, 'none'> = {
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
const attemptsView = (id: string): RowView<AttemptRow> => ({
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
const dryRunView = (id: string): RowView<DryRunRow> => ({
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
const excludedView: Omit<RowView<LedgerRow>, 'none'> = {
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

const leftOutWords = ({ leftOutBy }: LedgerRow): string => (leftOutBy === null ? '' : `the ${leftOutBy}`);

/** The words for the reason, with the fault of this very recipient where there is one. */
function whyExcluded({ reason, reply }: LedgerRow): string {
  const words = reason === null ? '' : (exclusionWords[reason] ?? reason);
  return reason === 'personalisation-failed' && reply !== null ? `${words} (${reply})` : words;
}
