import { z } from 'zod';

const shareText = /^(\d{1,3})(?:\.(\d{1,2}))?%$/;

/** Hundredths of a percent: whole, so that what a share comes to is the same in every arithmetic. */
function hundredthsOf(text: string): number {
  const [, whole = '0', decimals = ''] = shareText.exec(text) ?? [];
  return Number(whole) * 100 + Number(decimals.padEnd(2, '0'));
}

const isShare = (text: string): boolean => shareText.test(text) && hundredthsOf(text) <= 10_000;

/** A part of a number of messages, such as `10%` or `0.5%`. */
export const shareSchema = (what: string) =>
  z
    .string(`${what} must be a share such as 2%`)
    .refine(isShare, `${what} must be a share from 0% to 100% with at most two decimals, such as 2%`);

/** How many messages: a count, or a share of all. */
export const sizeSchema = (what: string) => {
  const fault = `${what} must be a whole number from 1 on, or a share such as 10%`;
  return z.union([z.int().min(1), z.string().refine((text) => isShare(text) && hundredthsOf(text) > 0, fault)], fault);
};

export type Size = z.output<ReturnType<typeof sizeSchema>>;

/** @returns how many of so many messages a size comes to; a share is rounded up, or ten waves of 10% would leave some over */
export function sizeOf(size: Size, all: number): number {
  return typeof size === 'number' ? size : Math.ceil((all * hundredthsOf(size)) / 10_000);
}

/** Whether so many of all are more than a share of them. */
export function exceeds(count: number, all: number, share: string): boolean {
  return count * 10_000 > all * hundredthsOf(share);
}
