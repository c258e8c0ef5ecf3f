import { z } from 'zod';
import { awaitStillness } from '../../../client/await-stillness.js';
import type { By, CommandResult } from '../../../client/index.js';
import { commandSchemas, commentSchema } from '../../../delivery/command.js';
import { resolutionSchema } from '../../../delivery/resolution.js';
import { apiRoute, type ApiRoute, type Call } from '../route.js';
import { commandResult, stillness } from '../schemas/delivery.js';
import { comment, deliveryParams, present, proofParams, reasonGiven } from '../schemas/inputs.js';

const one = '/api/v1/deliveries/:id';

/** Taken, or waiting for a worker to come. */
const status = { all: [200, 202], of: ({ state }: CommandResult) => (state === 'queued' ? 202 : 200) } as const;

/** Who has signed in gives the command, whatever the body says. */
const by = ({
  operator,
  commandId,
  body,
}: Pick<Call<unknown, unknown, { comment?: string | undefined }>, 'operator' | 'commandId' | 'body'>): By => ({
  operator: operator.id,
  commandId,
  ...comment(body),
});

const steering = [
  ['resume', 'resume', 'Goes on after a pause'],
  ['sendProof', 'proofs', 'Sends another numbered proof of the current revision'],
  ['dryRun', 'dry-run', 'Has the relay asked about each recipient of the sealed target; nothing is sent'],
  ['startAnalysis', 'analysis/start', 'Analyses the current revision once more'],
  ['stopAnalysis', 'analysis/stop', 'Ends an analysis that is under way, and leaves nothing of it'],
] as const;

const holding = [
  ['pause', 'Lets nothing more leave until it is resumed'],
  ['stop', 'Ends the delivery for good: what has not left is canceled'],
] as const;

const { verdict, seal, breakGlass, signature } = commandSchemas.decide.shape;
const decisionBody = z.strictObject({ verdict, seal, comment: commentSchema, breakGlass, signature });
const { rate } = commandSchemas.setRate.shape;
const review = commandSchemas.reviewProof.shape;
const { verdict: resolution, messages } = resolutionSchema.shape;

/** What people say to a delivery. */
export const commandRoutes: readonly ApiRoute[] = [
  ...steering.map(([act, name, summary]) =>
    apiRoute({
      method: 'POST',
      path: `${one}/${name}`,
      needs: 'steer',
      tag: 'commands',
      summary,
      params: deliveryParams,
      body: reasonGiven,
      status,
      told: commandResult,
      examples: { body: { comment: 'the price list has changed' }, answer: { state: 'accepted' } },
      answer: async (call) => await call.sealpost.delivery(call.params.id)[act](by(call)),
    }),
  ),
  ...holding.map(([act, summary]) =>
    apiRoute({
      method: 'POST',
      path: `${one}/${act}`,
      needs: 'steer',
      tag: 'commands',
      summary,
      params: deliveryParams,
      body: z.strictObject({
        comment: commentSchema,
        wait: z
          .number()
          .min(0)
          .max(10)
          .default(0)
          .describe('Seconds that it is waited for what has begun to be seen through'),
      }),
      status,
      told: commandResult.extend({ stillness: stillness.exactOptional() }),
      examples: { body: { comment: 'a wrong link', wait: 10 } },
      answer: async (call) => {
        const delivery = call.sealpost.delivery(call.params.id);
        const result = await delivery[act](by(call));
        const { wait } = call.body;
        if (wait === 0 || result.state === 'queued') return result;
        return { ...result, stillness: await awaitStillness(delivery, wait * 1_000) };
      },
    }),
  ),
  apiRoute({
    method: 'POST',
    path: `${one}/rate`,
    needs: 'steer',
    tag: 'commands',
    summary: 'How fast messages leave from now on, over all workers',
    params: deliveryParams,
    body: z.strictObject({ rate, comment: commentSchema }),
    status,
    told: commandResult,
    examples: { body: { rate: '100/min' } },
    answer: async (call) => await call.sealpost.delivery(call.params.id).setRate({ ...by(call), rate: call.body.rate }),
  }),
  apiRoute({
    method: 'POST',
    path: `${one}/decisions`,
    needs: 'decide',
    tag: 'commands',
    summary: 'Confirms or rejects a seal, or takes one’s own confirmation back',
    description:
      'The signature is made where the operator’s key is, never here: a compact JWS as docs/security.md tells. Without one the delivery takes the decision only where its policy demands none.',
    params: deliveryParams,
    body: decisionBody,
    status,
    told: commandResult,
    examples: {
      body: { verdict: 'reject', seal: 'ab'.repeat(32), comment: 'the link in the second block is broken' },
    },
    answer: async ({ sealpost, operator, commandId, params: { id }, body }) =>
      await sealpost.delivery(id).decide({
        verdict: body.verdict,
        seal: body.seal,
        operator: operator.id,
        commandId,
        ...present({ comment: body.comment, breakGlass: body.breakGlass, signature: body.signature }),
      }),
  }),
  apiRoute({
    method: 'POST',
    path: `${one}/proofs/:proof/reviews`,
    needs: 'review',
    tag: 'commands',
    summary: 'A reviewer’s word on what a proof shows',
    params: proofParams,
    body: z.strictObject({ verdict: review.verdict, comment: commentSchema, signature: review.signature }),
    status,
    told: commandResult,
    examples: { body: { verdict: 'approve' } },
    answer: async (call) => {
      const { id, proof } = call.params;
      const { verdict: said, signature: given } = call.body;
      return await call.sealpost
        .delivery(id)
        .reviewProof({ ...by(call), proof, verdict: said, ...present({ signature: given }) });
    },
  }),
  apiRoute({
    method: 'POST',
    path: `${one}/in-doubt`,
    needs: 'steer',
    tag: 'commands',
    summary: 'Decides on messages in doubt; also after the delivery has ended',
    params: deliveryParams,
    body: z.strictObject({ verdict: resolution, messages, comment: commentSchema }),
    status,
    told: commandResult.extend({ messages: z.int().exactOptional().describe('How many it concerned') }),
    examples: { body: { verdict: 'sent', messages: [12, 40], comment: 'in the relay’s log' } },
    answer: async (call) => {
      const { verdict: said, messages: which } = call.body;
      return await call.sealpost
        .delivery(call.params.id)
        .resolveInDoubt({ ...by(call), verdict: said, messages: which });
    },
  }),
];
