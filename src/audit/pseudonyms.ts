import { deliverySettingsSchema } from '../delivery/definition.js';
import { labelledMac } from '../mime/sealed-hash.js';

/** What stands in an address' place: who has no access to the delivery's secret cannot try addresses out. */
export type Pseudonym = (address: string) => string;

/** @returns the same for the same address, as long as it is of the same delivery */
export function pseudonyms(secret: Buffer): Pseudonym {
  const mac = labelledMac(secret, 'sealpost/audit-pseudonym/1');
  return (address) => `hmac:${mac(address).toString('hex').slice(0, 32)}`;
}

/** Wider than any grammar of addresses: what is left out in vain harms nobody. */
const address = /[^\s<>()[\],;:"\\]+@[^\s<>()[\]{},;:"'=|\\]+/gu;

/** Text without addresses, at any depth of a value. */
export function withoutAddresses<Value>(value: Value): Value;
export function withoutAddresses(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(address, '(address)');
  if (Array.isArray(value)) return value.map((one: unknown) => withoutAddresses(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutAddresses(member)]));
}

/** A revision's settings without addresses, and without what they tell of seeds: names of fields stay, values do not. */
export function withoutPeople(settings: Record<string, unknown>): Record<string, unknown> {
  const { target } = deliverySettingsSchema.parse(settings);
  if (!target?.seeds) return withoutAddresses(settings);
  const seeds = target.seeds.map(({ fields = {}, ...seed }) => ({
    ...seed,
    fields: Object.fromEntries(Object.keys(fields).map((name) => [name, '(value)'])),
  }));
  return withoutAddresses({ ...settings, target: { ...target, seeds } });
}
