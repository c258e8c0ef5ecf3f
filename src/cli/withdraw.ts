import type { Command } from 'commander';
import { addCommand, byOperator, type Cli, type CommonOptions } from './command.js';
import { decideOnCurrent } from './decide-current.js';

export function registerWithdraw(program: Command, cli: Cli): void {
  const command = addCommand(
    program,
    'withdraw <delivery>',
    'take your own confirmation back, while others are missing',
    ['sealpost withdraw 2026-11-winter-news --operator approver --comment "the price list is not final"'],
  );
  byOperator(command)
    .option('--comment <text>', 'why; it stays in the journal')
    .action((id: string, options: CommonOptions) =>
      decideOnCurrent(cli, id, options, 'withdraw', (who) => `The confirmation by ${who} counts no more.`),
    );
}
