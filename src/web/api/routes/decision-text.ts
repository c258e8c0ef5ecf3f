import { z } from 'zod';
import { commentSchema } from '../../console/pages/comment-field.js';
import { sha256Hex } from '../../../delivery/command.js';
import { apiRoute, type ApiRoute } from '../route.js';

/** What is signed with a key that this server does not have. */
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
    answer: async ({ sealpost, operator, params: { id }, body: { verdict, seal, comment, breakGlass } }) =>
      await sealpost.delivery(id).textToSign({
        operator: operator.id,
        verdict,
        seal,
        ...(comment !== undefined && { comment }),
        ...(breakGlass && { breakGlass }),
      }),
  }),
];
