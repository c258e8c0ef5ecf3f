import type { Command } from 'commander';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';
import { currentSeal } from './seal-prefix.js';

export function registerReject(program: Command, cli: Cli): void {
  const command = addCommand(program, 'reject <delivery>', 'reject the analysed revision; a new one is then awaited', [
    'sealpost reject 2026-11-winter-news --operator approver --comment "wrong price in the second offer"',
  ]);
  byOperator(command)
    .requiredOption('--comment <text>', 'why (required): what the next revision must mend; it stays in the journal')
    .action(async (id: string, options: CommonOptions) => {
      const who = await by(cli, options);
      await withDelivery(cli, id, async (delivery) => {
        const seal = currentSeal(await delivery.show());
        const result = await delivery.decide({ ...who, verdict: 'reject', seal });
        const accepted = `Delivery "${id}" is rejected. Submit a new revision: sealpost revise ${id} <definition>`;
        tellResult(cli, options, { id, ...result, seal }, accepted);
      });
    });
}
