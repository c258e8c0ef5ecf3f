import { z } from 'zod';
import { commentSchema, sha256Hex } from './command.js';
import { deliveryIdSchema } from './definition.js';
import { operatorIdSchema } from './operator-id.js';

/** What it was signed for, and that it was signed once. */
const signedFor = { delivery: deliveryIdSchema, revision: sha256Hex('revision') };
const signedOnce = {
  signedAt: z.iso.datetime('signedAt must be a time'),
  nonce: z.string().regex(/^[0-9a-f]{32}$/, 'nonce must be 32 hexadecimal digits'),
};

/**
 * What operators sign. Each names all that it is about, so that it can stand for nothing else: not for another delivery, not
 * for another seal, not for another policy for messages in doubt, and not twice.
 */
export const statementSchemas = {
  /** A decision on a seal. */
  decision: z.strictObject({
    ...signedFor,
    seal: sha256Hex('seal'),
    /** When this analysis was sealed, as the journal tells: the same text analysed again has the same seal. */
    sealedAt: z.iso.datetime('sealedAt must be a time'),
    verdict: z.enum(['confirm', 'reject', 'withdraw']),
    /** What becomes of messages of which nobody can know whether the relay took them. */
    inDoubt: z.enum(['hold', 'resend']),
    comment: commentSchema,
    breakGlass: z.literal(true).optional(),
    ...signedOnce,
  }),
  /** A reviewer's word on what a proof shows. */
  review: z.strictObject({
    ...signedFor,
    proof: z.int().min(1),
    verdict: z.enum(['approve', 'reject']),
    comment: commentSchema,
    ...signedOnce,
  }),
  /** That a revision is its author's. */
  submission: z.strictObject({ ...signedFor, author: operatorIdSchema, ...signedOnce }),
} as const;

export type StatementKind = keyof typeof statementSchemas;
export type Statement<Kind extends StatementKind> = z.output<(typeof statementSchemas)[Kind]>;
/** A statement without what makes it count once. */
export type StatementSubject<Kind extends StatementKind> = Omit<Statement<Kind>, keyof typeof signedOnce>;

/** The header's `typ` of a signed statement: a token that was made for something else is none. */
export const statementType = (kind: StatementKind): string => `sealpost-${kind}`;

/** @returns which members of a statement are not those of what it is held against */
export function membersThatDiffer(kind: StatementKind, signed: object, given: object): string[] {
  const of = (subject: object, name: string): unknown => (subject as Record<string, unknown>)[name];
  return Object.keys(statementSchemas[kind].shape).filter(
    (name) => !Object.hasOwn(signedOnce, name) && of(signed, name) !== of(given, name),
  );
}

/** What a worker found out about a signature. Operators by id, no names. */
export interface CheckedSignature {
  /** Why it does not hold; absent where it does. */
  reason?: string;
  /** Roles, groups and delegations of who signed: `role:approver`, `group:finance`, `for:anna`. */
  as?: string[];
}

/** How far a signer's clock may be ahead of the worker's, in milliseconds. */
export const clockSkewMs = 5 * 60_000;
