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
const revisedBody = definitionBody.partial({ id: true }).meta({ id: 'RevisedDefinition' });

const signature = text(8_192)
  .optional()
  .describe('The author’s, a compact JWS of the text to sign; what is submitted must be what was signed');

/** What authors sign, who have their key with them and not here. */
const toldToSign = z.object({
  type: z.string(),
  text: z.string(),
  delivery: z.string(),
  revision: z.string(),
  author: z.string(),
  profiles: z.int(),
});
const signs = 'What its author signs to submit it: a compact JWS of this text, with this typ. Nothing is stored';
const schedule = {
  at: text(40).describe('A local date and time without an offset'),
  timeZone: text(60).optional().describe('Of the IANA database; not given, the one that the delivery has'),
};
const exampleSchedule = { at: '2026-12-02T09:00', timeZone: 'Europe/Berlin' };

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
    query: z.object({ signature }),
    bodyLimit: definitionLimit,
    body: anyDefinition,
    shownBody: definitionBody,
    status: { all: [200, 201], of: ({ alreadyStarted }) => (alreadyStarted ? 200 : 201) },
    told: z.object({ id: z.string(), revision: z.string(), alreadyStarted: z.boolean() }),
    examples: { body: example },
    answer: async ({ sealpost, operator, body, query }) => {
      const delivery = await sealpost.start(definitionOf(body), { operator: operator.id, ...present(query) });
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
    query: z.object({ comment: commentSchema, signature }),
    bodyLimit: definitionLimit,
    body: anyDefinition,
    shownBody: revisedBody,
    status: queued,
    told: commandResult.extend({ revision: z.string() }),
    examples: { body: revised },
    answer: async (call) =>
      await call.sealpost
        .delivery(call.params.id)
        .revise(definitionOf(call.body), { ...by(call, call.query), ...present({ signature: call.query.signature }) }),
  }),
  apiRoute({
    method: 'POST',
    path: `${one}/schedule`,
    needs: 'submit',
    tag: 'deliveries',
    summary: 'Gives the delivery another contact date: a new revision, whose seal must be confirmed again',
    params: deliveryParams,
    body: z.strictObject({
      ...schedule,
      comment: commentSchema,
      signature,
    }),
    status: queued,
    told: commandResult.extend({ revision: z.string() }),
    examples: { body: exampleSchedule },
    answer: async (call) => {
      const { at, timeZone, signature: signed } = call.body;
      return await call.sealpost
        .delivery(call.params.id)
        .reschedule({ at, ...present({ timeZone }) }, { ...by(call, call.body), ...present({ signature: signed }) });
    },
  }),
  apiRoute({
    method: 'POST',
    path: '/api/v1/submission-text',
    needs: 'submit',
    tag: 'deliveries',
    summary: signs,
    bodyLimit: definitionLimit,
    body: anyDefinition,
    shownBody: definitionBody,
    told: toldToSign,
    examples: { body: example },
    answer: async ({ sealpost, operator, body }) =>
      await sealpost.startToSign(definitionOf(body), { operator: operator.id }),
  }),
  apiRoute({
    method: 'POST',
    path: `${one}/revision-text`,
    needs: 'submit',
    tag: 'deliveries',
    summary: `${signs}: of a revision`,
    params: deliveryParams,
    bodyLimit: definitionLimit,
    body: anyDefinition,
    shownBody: revisedBody,
    told: toldToSign,
    examples: { body: revised },
    answer: async ({ sealpost, operator, params: { id }, body }) =>
      await sealpost.delivery(id).revisionToSign(definitionOf(body), { operator: operator.id }),
  }),
  apiRoute({
    method: 'POST',
    path: `${one}/schedule-text`,
    needs: 'submit',
    tag: 'deliveries',
    summary: `${signs}: of another contact date`,
    params: deliveryParams,
    body: z.strictObject(schedule),
    told: toldToSign,
    examples: { body: exampleSchedule },
    answer: async ({ sealpost, operator, params: { id }, body: { at, timeZone } }) =>
      await sealpost.delivery(id).scheduleToSign({ at, ...present({ timeZone }) }, { operator: operator.id }),
  }),
];
