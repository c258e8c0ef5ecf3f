import { Option, type Command } from 'commander';
import type { LedgerFilter, MessageStatus, Reason } from '../client/index.js';
import { messageStatuses, reasons } from '../delivery/message-status.js';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { printRows } from './listed-rows.js';
import { attemptsView, dryRunView, excludedView, ledgerView } from '../wording/message-views.js';
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
