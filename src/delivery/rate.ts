import { z } from 'zod';

/** So many messages in so many milliseconds. */
export interface Rate {
  messages: number;
  perMs: number;
}

/** What an operator gives to take a limit away. */
export const unlimited = 'unlimited';

const unitMs = { s: 1_000, min: 60_000, h: 3_600_000 } as const;
const pattern = /^([1-9]\d{0,8})\/(s|min|h)$/;

/** How many messages leave at the most, as people write it. */
export const rateSchema = (what: string) =>
  z
    .string(`${what} must be text`)
    .regex(pattern, `${what} must be messages a second, a minute or an hour, such as 50/s, 100/min or 6000/h`);

/** @throws RangeError for what {@link rateSchema} refuses */
export function parseRate(text: string): Rate {
  const [, messages, unit] = pattern.exec(text) ?? [];
  if (messages === undefined) throw new RangeError(`"${text}" is not a rate such as 100/min`);
  return { messages: Number(messages), perMs: unitMs[unit as keyof typeof unitMs] };
}

/** @returns milliseconds that so many messages take at the least, at a rate as it is written */
export function durationOf(messages: number, rate: string): number {
  const { messages: some, perMs } = parseRate(rate);
  return (messages * perMs) / some;
}

/**
 * In which periods a rate is counted: short ones keep mail steady, and for long ones nobody has to wait awake, for a batch
 * whose permits come much later ends.
 */
export function ratePeriodMs({ messages, perMs }: Rate): number {
  const perSecond = (messages * 1_000) / perMs;
  if (perSecond >= 20) return 1_000;
  return perSecond >= 1 ? 10_000 : 60_000;
}
