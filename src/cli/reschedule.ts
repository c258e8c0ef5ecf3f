import type { Command } from 'commander';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';

interface Options extends CommonOptions {
  at: string;
  timeZone?: string;
}

export function registerReschedule(program: Command, cli: Cli): void {
  const command = addCommand(program, 'reschedule <delivery>', 'give a delivery another contact date', [
    'sealpost reschedule 2026-11-winter-news --at 2026-12-02T09:00',
    'sealpost reschedule 2026-11-winter-news --at 2026-12-02T09:00 --time-zone Europe/Berlin --operator publisher',
  ]);
  byOperator(command)
    .requiredOption('--at <date>', 'local date and time without an offset, such as 2026-12-02T09:00')
    .option('--time-zone <zone>', 'whose clocks show it (default: the time zone that the delivery has)')
    .option('--comment <text>', 'why; it stays in the journal')
    .addHelpText('after', '\nIt is a new revision, and all else in it is as it was: its seal must be confirmed again.')
    .action(async (id: string, options: Options) => {
      const { at, timeZone } = options;
      const who = await by(cli, options);
      const result = await withDelivery(cli, id, (delivery) =>
        delivery.reschedule({ at, ...(timeZone !== undefined && { timeZone }) }, who),
      );
      const effect = 'it is analysed again, and its new seal must be confirmed';
      tellResult(cli, options, { id, ...result }, `Delivery "${id}" has the contact date ${at}: ${effect}.`);
    });
}
