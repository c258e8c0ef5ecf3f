import { z } from 'zod';
import { commentSchema } from '../../../delivery/command.js';
import { anyDefinition, definitionBody, definitionLimit, definitionOf } from '../definition-body.js';
import { apiRoute, type ApiRoute, type Call } from '../route.js';
import { commandResult } from '../schemas/delivery.js';
import { comment, deliveryParams, present, text } from '../schemas/inputs.js';

const one = '/api/v1/deliveries/:id';
const queued = { all: [200, 202], of: ({ state }: { state: string }) => (state === 'queued' ? 202 : 200) } as const;

const by = ({ operator, commandId }: Pick<Call, 'operator' | 'commandId'>, why: { comment?: string | undefined }) => ({
  operator: operator.id,
  commandId,
  ...comment(why),
});

const example = {
  id: '2026-11-winter-news',
  name: 'Winter news',
  sender: { name: 'The garden', address: 'news@garden.example' },
  subject: 'Winter in the garden',
  unsubscribe: { url: 'https://garden.example/leave' },
  content: { text: 'Dear {{ name }}, it snows.\n\n{{ unsubscribe_url }}' },
  recipients: [{ email: 'ann@shop.example', name: 'Ann' }],
};
const { id: _id, ...revised } = example;

/** What is to be sent. */
export const submitRoutes: readonly ApiRoute[] = [
  apiRoute({
    method: 'POST',
    path: '/api/v1/deliveries',
    needs: 'submit',
    tag: 'deliveries',
    summary: 'Stores a delivery whole and starts it',
    description:
      'Its author is who has signed in. The same definition again gives the same delivery. Its content and recipients are in it.',
    bodyLimit: definitionLimit,
    body: anyDefinition,
    shownBody: definitionBody,
    status: { all: [200, 201], of: ({ alreadyStarted }) => (alreadyStarted ? 200 : 201) },
    told: z.object({ id: z.string(), revision: z.string(), alreadyStarted: z.boolean() }),
    examples: { body: example },
    answer: async ({ sealpost, operator, body }) => {
      const delivery = await sealpost.start(definitionOf(body), { operator: operator.id });
      const { id, revision } = await delivery.summary();
      return { id, revision, alreadyStarted: delivery.alreadyStarted };
    },
  }),
  apiRoute({
    method: 'POST',
    path: `${one}/revisions`,
    needs: 'submit',
    tag: 'deliveries',
    summary: 'Submits a new revision: proofs, analysis and decisions of the old one count no more',
    params: deliveryParams,
    query: z.object({ comment: commentSchema }),
    bodyLimit: definitionLimit,
    body: anyDefinition,
    shownBody: definitionBody.partial({ id: true }).meta({ id: 'RevisedDefinition' }),
    status: queued,
    told: commandResult.extend({ revision: z.string() }),
    examples: { body: revised },
    answer: async (call) =>
      await call.sealpost.delivery(call.params.id).revise(definitionOf(call.body), by(call, call.query)),
  }),
  apiRoute({
    method: 'POST',
    path: `${one}/schedule`,
    needs: 'submit',
    tag: 'deliveries',
    summary: 'Gives the delivery another contact date: a new revision, whose seal must be confirmed again',
    params: deliveryParams,
    body: z.strictObject({
      at: text(40).describe('A local date and time without an offset'),
      timeZone: text(60).optional().describe('Of the IANA database; not given, the one that the delivery has'),
      comment: commentSchema,
    }),
    status: queued,
    told: commandResult.extend({ revision: z.string() }),
    examples: { body: { at: '2026-12-02T09:00', timeZone: 'Europe/Berlin' } },
    answer: async (call) => {
      const { at, timeZone } = call.body;
      return await call.sealpost
        .delivery(call.params.id)
        .reschedule({ at, ...present({ timeZone }) }, by(call, call.body));
    },
  }),
];
