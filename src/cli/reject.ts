import type { Command } from 'commander';
import { addCommand, byOperator, type Cli, type CommonOptions } from './command.js';
import { decideOnCurrent } from './decide-current.js';

export function registerReject(program: Command, cli: Cli): void {
  const command = addCommand(program, 'reject <delivery>', 'reject the analysed revision; a new one is then awaited', [
    'sealpost reject 2026-11-winter-news --operator approver --comment "wrong price in the second offer"',
  ]);
  const told = (id: string) =>
    `Delivery "${id}" is rejected. Submit a new revision: sealpost revise ${id} <definition>`;
  byOperator(command)
    .requiredOption('--comment <text>', 'why (required): what the next revision must mend; it stays in the journal')
    .action((id: string, options: CommonOptions) => decideOnCurrent(cli, id, options, 'reject', () => told(id)));
}
