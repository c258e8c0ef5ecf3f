import { Option, type Command } from 'commander';
import type { Delivery, LedgerFilter, LedgerRow, MessageStatus, Reason } from '../client/index.js';
import { messageStatuses, reasons } from '../delivery/message-status.js';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { csvLine } from './csv.js';
import { countOption, wordOption, wordsOption } from './option-values.js';
import { jsonText, tableLines, type Column } from './terminal-text.js';

interface Options extends CommonOptions {
  status?: MessageStatus[];
  reason?: Reason;
  excluded?: boolean;
  proof?: number;
  copies?: boolean;
  address?: string;
  limit?: number;
  csv?: boolean;
}

export function registerMessages(program: Command, cli: Cli): void {
  addCommand(program, 'messages <delivery>', 'the ledger: who was sent what, when, with what reply', [
    'sealpost messages 2026-11-winter-news --status failed,in-doubt',
    'sealpost messages 2026-11-winter-news --excluded --csv > excluded.csv',
  ])
    .option('--status <status>', `only these: ${messageStatuses.join(', ')}`, wordsOption(messageStatuses))
    .option('--reason <reason>', 'only with this reason', wordOption(Object.keys(reasons) as Reason[]))
    .option('--excluded', 'only those that the analysis left out')
    .option('--proof <number>', "a proof's messages in place of the main target's", countOption)
    .addOption(
      new Option('--copies', "the archive's copies in place of the main target's, each under its recipient").conflicts(
        'proof',
      ),
    )
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
    const rows = (limit = options.limit) => delivery.messages(filterOf(options, limit));
    if (options.json) return await printJson(cli, rows());
    if (options.csv) return await printCsv(cli, rows());
    return await printTable(cli, delivery, rows, options.limit ?? 50);
  });
}

function filterOf(
  { status, reason, excluded, proof, copies, address }: Options,
  limit: number | undefined,
): LedgerFilter {
  return {
    ...(status && { statuses: status }),
    ...(reason && { reason }),
    ...(excluded && { excluded }),
    ...(proof !== undefined && { proof }),
    ...(copies && { copies }),
    ...(address !== undefined && { address }),
    ...(limit !== undefined && { limit }),
  };
}

async function printJson({ terminal }: Cli, rows: AsyncIterable<LedgerRow>): Promise<void> {
  let separator = '[\n';
  for await (const row of rows) {
    await terminal.write(`${separator}${jsonText(row)}`);
    separator = ',\n';
  }
  await terminal.write(separator === '[\n' ? '[]\n' : '\n]\n');
}

const csvColumns = [
  'proof',
  'seq',
  'row',
  'address',
  'status',
  'reason',
  'attempts',
  'settledAt',
  'nextAttemptAt',
  'possibleDuplicate',
  'reply',
] as const satisfies readonly (keyof LedgerRow)[];

async function printCsv({ terminal }: Cli, rows: AsyncIterable<LedgerRow>): Promise<void> {
  await terminal.write(csvLine(csvColumns));
  for await (const row of rows) await terminal.write(csvLine(csvColumns.map((column) => row[column])));
}

const tableColumns: readonly Column[] = [
  { title: 'seq', align: 'right' },
  { title: 'row', align: 'right' },
  { title: 'address', width: 40 },
  { title: 'status' },
  { title: 'reason' },
  { title: 'tries', align: 'right' },
  { title: 'settled' },
  { title: 'reply', width: 50 },
];

/** Rows that one table holds: its columns fit what is in it, so it has to be in memory. */
const tableRows = 1_000;

async function printTable(
  { terminal }: Cli,
  delivery: Delivery,
  rows: (limit: number) => AsyncIterable<LedgerRow>,
  limit: number,
): Promise<void> {
  let shown: (string | number)[][] = [];
  let count = 0;
  // One more than is shown, to know whether there are more.
  for await (const row of rows(limit + 1)) {
    if ((count += 1) > limit) break;
    shown.push(tableRow(row));
    if (shown.length === tableRows) {
      terminal.print(...tableLines(tableColumns, shown));
      shown = [];
    }
  }
  if (count === 0) return terminal.print(`Delivery "${delivery.id}" has no such messages.`);
  if (shown.length > 0) terminal.print(...tableLines(tableColumns, shown));
  if (count > limit) terminal.print('', `These are the first ${limit}; there are more: --limit, --csv or --json.`);
}

function tableRow(row: LedgerRow): (string | number)[] {
  const { seq, row: source, address, status, reason, attempts, settledAt, reply } = row;
  return [
    seq,
    source,
    address,
    status,
    reason ?? '',
    attempts,
    settledAt?.slice(0, 19).replace('T', ' ') ?? '',
    reply ?? '',
  ];
}
