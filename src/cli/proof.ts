import type { Command } from 'commander';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';

export function registerProof(program: Command, cli: Cli): void {
  const command = addCommand(program, 'proof <delivery>', 'send one more numbered proof of the current revision', [
    'sealpost proof 2026-11-winter-news --comment "for the legal department"',
  ]);
  byOperator(command)
    .option('--comment <text>', 'why; it stays in the journal')
    .action(async (id: string, options: CommonOptions) => {
      const who = await by(cli, options);
      const result = await withDelivery(cli, id, (delivery) => delivery.sendProof(who));
      tellResult(cli, options, { id, ...result }, `Delivery "${id}" sends another proof to its proof recipients.`);
    });
}
