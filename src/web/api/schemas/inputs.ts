import { z } from 'zod';
import { commentSchema } from '../../../delivery/command.js';

/** Text that a database takes: it keeps no NUL. */
export const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[^\0]*$/, 'must not contain NUL');

export const deliveryParams = z.object({
  id: text(200)
    .min(1)
    .describe('Of the delivery')
    .meta({ examples: ['2026-11-winter-news'] }),
});

export const proofParams = deliveryParams.extend({ proof: z.coerce.number().int().min(1).max(1_000_000) });

/** A switch in an address. */
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** One value, or several under the same name. */
export const oneOrMore = <T extends z.ZodType>(one: T) => z.union([one.transform((value) => [value]), z.array(one)]);

export const limit = z.coerce.number().int().min(1).max(1_000).default(100).describe('At most so many');

/** Why; it stays in the journal for ever. */
export const reasonGiven = z.strictObject({ comment: commentSchema });

/** A comment without a member where there is none. */
export const comment = (given: { comment?: string | undefined }): { comment?: string } =>
  given.comment === undefined ? {} : { comment: given.comment };

/** Members that are there: what is absent is left out. */
export function present<T extends Record<string, unknown>>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}
