import type { Command } from 'commander';
import { rateSchema, unlimited } from '../delivery/rate.js';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';
import { CliError } from './failures.js';

/** `sealpost rate`: how fast a delivery is sent, while it is sent. */
export function registerRate(program: Command, cli: Cli): void {
  const command = addCommand(program, 'rate <delivery> <rate>', 'let messages leave slower, or faster, from now on', [
    'sealpost rate 2026-11-winter-news 100/min --operator publisher',
    `sealpost rate 2026-11-winter-news ${unlimited}`,
  ]);
  byOperator(command)
    .option('--comment <text>', 'why; it stays in the journal')
    .addHelpText(
      'after',
      '\nA rate is messages a second, a minute or an hour (50/s, 100/min, 6000/h), over all workers. Before anything leaves it is sending.rate of the definition.',
    )
    .action(async (id: string, rate: string, options: CommonOptions) => {
      const parsed = rateSchema('the rate').safeParse(rate);
      if (rate !== unlimited && !parsed.success)
        throw new CliError('USAGE', `${parsed.error.issues[0]?.message ?? ''}, or ${unlimited}.`);
      const who = await by(cli, options);
      const result = await withDelivery(cli, id, (delivery) => delivery.setRate({ ...who, rate }));
      const fast = rate === unlimited ? 'as fast as they are taken' : `at ${rate} at the most`;
      tellResult(cli, options, { id, ...result, rate }, `Messages of "${id}" leave ${fast} from now on.`);
    });
}
