import type { Command } from 'commander';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';
import { currentSeal } from './seal-prefix.js';

export function registerWithdraw(program: Command, cli: Cli): void {
  const command = addCommand(
    program,
    'withdraw <delivery>',
    'take your own confirmation back, while others are missing',
    ['sealpost withdraw 2026-11-winter-news --operator approver --comment "the price list is not final"'],
  );
  byOperator(command)
    .option('--comment <text>', 'why; it stays in the journal')
    .action(async (id: string, options: CommonOptions) => {
      const who = await by(cli, options);
      await withDelivery(cli, id, async (delivery) => {
        const seal = currentSeal(await delivery.show());
        const result = await delivery.decide({ ...who, verdict: 'withdraw', seal });
        tellResult(cli, options, { id, ...result, seal }, `The confirmation by ${who.operator} counts no more.`);
      });
    });
}
