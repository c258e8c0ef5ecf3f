import { z } from 'zod';

/** Where a list goes on, as callers hand it back: what it holds is nobody's business but ours. */
export const encodeCursor = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** @param place - what stands in a cursor of one list */
export function cursorOf<T>(place: z.ZodType<T>) {
  return z
    .string()
    .max(1_000)
    .regex(/^[\w-]+$/, 'must be one that an answer gave as next')
    .transform((text, context) => {
      const parsed = place.safeParse(jsonOf(text));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: 'must be one that an answer gave as next' });
      return z.NEVER;
    })
    .describe('What an earlier answer gave as `next`');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** A page of a list: what was asked for, and where it goes on. */
export interface ListPage<Row> {
  rows: Row[];
  next?: string;
}

/**
 * Takes a page off rows that were asked for one more than it has.
 *
 * @param placeOf - where a list that ends with this row goes on
 */
export function pageOf<Row>(rows: Row[], limit: number, placeOf: (last: Row) => unknown): ListPage<Row> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, ...(rows.length > limit && last !== undefined && { next: encodeCursor(placeOf(last)) }) };
}

export async function gathered<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
