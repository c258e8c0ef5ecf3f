import { z } from 'zod';
import { commentSchema, sha256Hex } from './command.js';
import { deliveryIdSchema } from './definition.js';

/** The header's `typ` of a signed decision: a token that was made for something else is none. */
export const decisionType = 'sealpost-decision';

/**
 * What an operator signs. It names all that the decision is about, so that it can stand for nothing else: not for another
 * delivery, not for another seal, not for another policy for messages in doubt, and not twice.
 */
export const signedDecisionSchema = z.strictObject({
  delivery: deliveryIdSchema,
  revision: sha256Hex('revision'),
  seal: sha256Hex('seal'),
  verdict: z.enum(['confirm', 'reject', 'withdraw']),
  /** What becomes of messages of which nobody can know whether the relay took them. */
  inDoubt: z.enum(['hold', 'resend']),
  comment: commentSchema,
  breakGlass: z.literal(true).optional(),
  /** When this analysis was sealed, as the journal tells: the same text analysed again has the same seal. */
  sealedAt: z.iso.datetime('sealedAt must be a time'),
  signedAt: z.iso.datetime('signedAt must be a time'),
  nonce: z.string().regex(/^[0-9a-f]{32}$/, 'nonce must be 32 hexadecimal digits'),
});

export type SignedDecision = z.output<typeof signedDecisionSchema>;

/** What a worker found out about a decision's signature. Operators by id, no names. */
export interface CheckedSignature {
  /** Why it does not hold; absent where it does. */
  reason?: string;
  /** Roles, groups and delegations of who signed: `role:approver`, `group:finance`, `for:anna`. */
  as?: string[];
}

/** How far a signer's clock may be ahead of the worker's, in milliseconds. */
export const clockSkewMs = 5 * 60_000;
