import { z } from 'zod';
import { commandSchemas, commentSchema } from '../../../delivery/command.js';
import { apiRoute, type ApiRoute } from '../route.js';
import { deliveryParams, present, proofParams } from '../schemas/inputs.js';

const told = z.object({ type: z.string(), text: z.string() });
const { verdict, seal, breakGlass } = commandSchemas.decide.shape;
const { verdict: reviewed } = commandSchemas.reviewProof.shape;

/** What is signed with keys that this server does not have. A page asks with all that it shows, which is more. */
export const decisionRoutes: readonly ApiRoute[] = [
  apiRoute({
    method: 'POST',
    path: '/api/v1/deliveries/:id/decision-text',
    needs: 'decide',
    tag: 'commands',
    summary: 'What an operator signs to decide so: a compact JWS of this text, with this typ',
    params: deliveryParams,
    body: z.object({ verdict, seal, comment: commentSchema, breakGlass }),
    told,
    examples: { body: { verdict: 'confirm', seal: '4f'.repeat(32), comment: 'as proofed' } },
    answer: async ({ sealpost, operator, params: { id }, body }) =>
      await sealpost.delivery(id).textToSign({
        operator: operator.id,
        verdict: body.verdict,
        seal: body.seal,
        ...present({ comment: body.comment, breakGlass: body.breakGlass }),
      }),
  }),
  apiRoute({
    method: 'POST',
    path: '/api/v1/deliveries/:id/proofs/:proof/review-text',
    needs: 'review',
    tag: 'commands',
    summary: 'What an operator signs to review a proof so: a compact JWS of this text, with this typ',
    params: proofParams,
    body: z.object({ verdict: reviewed, comment: commentSchema }),
    told,
    examples: { body: { verdict: 'approve' } },
    answer: async ({ sealpost, operator, params: { id, proof }, body }) =>
      await sealpost
        .delivery(id)
        .reviewToSign({ operator: operator.id, verdict: body.verdict, proof, ...present({ comment: body.comment }) }),
  }),
];
