import { z } from 'zod';
import { commentSchema } from '../../console/pages/comment-field.js';
import { sha256Hex } from '../../../delivery/command.js';
import { apiRoute, type ApiRoute } from '../route.js';

/** What is signed with keys that this server does not have. */
export const decisionRoutes: readonly ApiRoute[] = [
  apiRoute({
    method: 'POST',
    path: '/api/v1/deliveries/:id/decision-text',
    needs: 'decide',
    tag: 'commands',
    summary: 'What an operator signs to decide so: a compact JWS of this text, with this typ',
    params: z.object({ id: z.string().min(1).max(200) }),
    body: z.object({
      verdict: z.enum(['confirm', 'reject', 'withdraw']),
      seal: sha256Hex('seal'),
      comment: commentSchema,
      breakGlass: z.literal(true).optional(),
    }),
    told: z.object({ type: z.string(), text: z.string() }),
    examples: { body: { verdict: 'confirm', seal: '4f'.repeat(32), comment: 'as proofed' } },
    answer: async ({ sealpost, operator, params: { id }, body: { verdict, seal, comment, breakGlass } }) =>
      await sealpost.delivery(id).textToSign({
        operator: operator.id,
        verdict,
        seal,
        ...(comment !== undefined && { comment }),
        ...(breakGlass && { breakGlass }),
      }),
  }),
  apiRoute({
    method: 'POST',
    path: '/api/v1/deliveries/:id/proofs/:proof/review-text',
    needs: 'review',
    tag: 'commands',
    summary: 'What an operator signs to review a proof so: a compact JWS of this text, with this typ',
    params: z.object({ id: z.string().min(1).max(200), proof: z.coerce.number().int().min(1).max(2_147_483_647) }),
    body: z.object({ verdict: z.enum(['approve', 'reject']), comment: commentSchema }),
    told: z.object({ type: z.string(), text: z.string() }),
    examples: { body: { verdict: 'approve' } },
    answer: async ({ sealpost, operator, params: { id, proof }, body: { verdict, comment } }) =>
      await sealpost.delivery(id).reviewToSign({
        operator: operator.id,
        verdict,
        proof,
        ...(comment !== undefined && { comment }),
      }),
  }),
];
