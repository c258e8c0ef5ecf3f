import type { Command } from 'commander';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';

export function registerRevise(program: Command, cli: Cli): void {
  const command = addCommand(program, 'revise <delivery> <definition>', 'submit a new revision of a delivery', [
    'sealpost revise 2026-11-winter-news examples/winter-news --operator publisher',
  ]);
  byOperator(command)
    .option('--comment <text>', 'why; it stays in the journal')
    .action(async (id: string, definition: string, options: CommonOptions) => {
      const who = await by(cli, options);
      const result = await withDelivery(cli, id, (delivery) => delivery.revise(definition, who));
      const revision = result.revision.slice(0, 12);
      const effect = 'proofs, analysis and decisions of the one before count no more';
      tellResult(cli, options, { id, ...result }, `Delivery "${id}" has the new revision ${revision}: ${effect}.`);
    });
}
