import { z } from 'zod';
import { approverSchema } from './approver.js';
import { decisionRequestSchema, refuseTooManyReminders } from './decision-request-settings.js';
import { duration, singleLine } from './definition-text.js';
import { operatorIdSchema } from './operator-id.js';

const people = z.array(approverSchema).max(100);
const quorum = z.int().min(1).max(20);

const fields = z.strictObject({
  mode: z.enum(['manual', 'semi-automatic', 'automatic']).default('manual'),
  /** Who may decide beside the owner. */
  approvers: people.default([]),
  /** How many different people must confirm. */
  quorum: quorum.default(1),
  /** So many more where more get the message: the largest that holds counts. */
  thresholds: z
    .array(z.strictObject({ over: z.int().min(1), quorum }))
    .max(10)
    .optional(),
  /** Others who must have confirmed before, one gate after the other. */
  gates: z
    .array(
      z.strictObject({
        name: singleLine('approval.gates.name', 40).min(1, 'approval.gates.name must not be empty'),
        approvers: people.min(1),
        quorum: quorum.default(1),
      }),
    )
    .max(10)
    .refine(
      (gates) => new Set(gates.map(({ name }) => name)).size === gates.length,
      'approval.gates names a gate twice',
    )
    .optional(),
  /** The author of the revision cannot confirm it. */
  fourEyes: z.boolean().default(false),
  /** A decision counts only with the signature of the operator's own key. */
  requireSignature: z.boolean('approval.requireSignature must be true or false').default(true),
  /** A confirmation that is older counts no more, where others are still missing. */
  confirmationValidFor: duration('approval.confirmationValidFor').optional(),
  /** Who may, in an emergency and with a reason, confirm alone what gates and quorum would hold. */
  breakGlass: people.min(1).optional(),
  /** So many reviewers must approve the content, by a proof of it, before a confirmation counts. */
  contentApproval: z
    .strictObject({
      reviewers: z.array(operatorIdSchema).min(1).max(100),
      quorum: quorum.default(1),
    })
    .optional(),
  /** A confirmation counts only once a proof of the revision was sent. */
  requireProof: z.boolean().optional(),
  /** How long the request for a decision stands. */
  expiresAfter: duration('approval.expiresAfter').default('7d'),
  /** Absent, nobody is asked by e-mail. */
  requests: decisionRequestSchema.optional(),
});

/** What must be confirmed by whom before a delivery may leave. What has no default takes part in a revision's name only where it is given. */
export const approvalSchema = fields.check(refuseTooManyReminders);

export type ApprovalSettings = z.output<typeof approvalSchema>;

/** Whether what people say counts only with their signature: one of the rules is enough. */
export const demandsSignatures = (rules: readonly { settings: ApprovalSettings }[]): boolean =>
  rules.some(({ settings }) => settings.requireSignature);
