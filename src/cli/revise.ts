import type { Command } from 'commander';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';
import { withGivenRecipients, withRecipients } from './given-recipients.js';

export function registerRevise(program: Command, cli: Cli): void {
  const command = addCommand(program, 'revise <delivery> <definition>', 'submit a new revision of a delivery', [
    'sealpost revise 2026-11-winter-news examples/winter-news --operator publisher',
  ]);
  withRecipients(byOperator(command))
    .option('--comment <text>', 'why; it stays in the journal')
    .action(async (id: string, definition: string, options: CommonOptions & { recipients?: string }) => {
      const who = await by(cli, options);
      const result = await withGivenRecipients(options.recipients, (recipients) =>
        withDelivery(cli, id, (delivery) => delivery.revise(definition, who, recipients)),
      );
      const revision = result.revision.slice(0, 12);
      const effect = 'proofs, analysis and decisions of the one before count no more';
      tellResult(cli, options, { id, ...result }, `Delivery "${id}" has the new revision ${revision}: ${effect}.`);
    });
}
