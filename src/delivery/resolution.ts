import { z } from 'zod';
import { commandIdSchema, commentSchema } from './command.js';
import { deliveryIdSchema } from './definition.js';
import { operatorIdSchema } from './operator-id.js';

/**
 * What a person says of messages in doubt: the relay had them (`sent`), they are to be sent once more (`resend`: who has
 * the first copy gets a second one), or nothing more is done (`give-up`).
 */
export const resolutionVerdicts = ['sent', 'resend', 'give-up'] as const;
export type ResolutionVerdict = (typeof resolutionVerdicts)[number];

export const resolutionSchema = z.strictObject({
  deliveryId: deliveryIdSchema,
  operator: operatorIdSchema,
  id: commandIdSchema,
  verdict: z.enum(resolutionVerdicts),
  /** Sequence numbers, or all that are in doubt. */
  messages: z.union([z.literal('all'), z.array(z.int().min(0)).min(1).max(10_000)]),
  comment: commentSchema,
});

/** A decision on messages in doubt. It stands in workflow history: numbers and ids only. */
export type Resolution = z.output<typeof resolutionSchema>;

export interface ResolutionResult {
  accepted: boolean;
  /** Why it was refused, for a person. */
  reason?: string;
  /** How many messages it changed. */
  messages: number;
}
