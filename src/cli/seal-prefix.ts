import type { DeliveryDescription } from '../client/index.js';
import { shortestTyped } from '../delivery/typed-seal.js';
import { CliError } from './failures.js';

/** @throws CliError `REFUSED` where the analysis has given no seal yet */
export function currentSeal({ id, phase, seal }: Pick<DeliveryDescription, 'id' | 'phase' | 'seal'>): string {
  if (seal !== undefined) return seal;
  throw new CliError('REFUSED', `Delivery "${id}" is ${phase}: there is no seal to decide on yet.`);
}

/**
 * The full seal that an operator means. A full one goes to the delivery as it is given: that it is not the current one
 * is then refused and recorded there.
 *
 * @throws CliError `USAGE` for what is no seal, `REFUSED` for the beginning of another one
 */
export function sealFromPrefix(given: string, current: string): string {
  const prefix = given.toLowerCase();
  if (!/^[0-9a-f]*$/.test(prefix) || prefix.length < shortestTyped || prefix.length > 64) {
    throw new CliError('USAGE', `--seal must be the seal or its first ${shortestTyped} to 64 characters, 0–9 and a–f.`);
  }
  if (prefix.length === 64) return prefix;
  if (current.startsWith(prefix)) return current;
  throw new CliError(
    'REFUSED',
    `The seal of the current analysis begins with ${current.slice(0, shortestTyped)}, not ${prefix}: review it again.`,
  );
}
