import { by, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';
import { currentSeal } from './seal-prefix.js';

/**
 * Gives a verdict on whatever seal the delivery has now: one that lets nothing leave needs no review of it.
 *
 * @param told - what it came to, by who gave it
 */
export async function decideOnCurrent(
  cli: Cli,
  id: string,
  options: CommonOptions,
  verdict: 'reject' | 'withdraw',
  told: (operator: string) => string,
): Promise<void> {
  const who = await by(cli, options);
  await withDelivery(cli, id, async (delivery) => {
    const seal = currentSeal(await delivery.show());
    const result = await delivery.decide({ ...who, verdict, seal });
    tellResult(cli, options, { id, ...result, seal }, told(who.operator));
  });
}
