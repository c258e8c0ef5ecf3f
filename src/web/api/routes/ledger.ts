import { z } from 'zod';
import type { LedgerFilter } from '../../../client/index.js';
import { messageStatuses } from '../../../delivery/message-status.js';
import { cursorOf, gathered, pageOf } from '../cursor.js';
import { apiRoute, type ApiRoute, type Call } from '../route.js';
import { deliveryParams, flag, limit, oneOrMore, present, text } from '../schemas/inputs.js';
import { attempt, dryRunAnswer, message, next, reason } from '../schemas/ledger.js';

const one = '/api/v1/deliveries/:id';
/** As a database counts. */
const most = 2_147_483_647;
const count = z.coerce.number().int().min(0).max(most);
const seqCursor = cursorOf(z.int().min(0).max(most));

const filterShape = {
  status: oneOrMore(z.enum(messageStatuses)).optional(),
  reason: reason.optional(),
  excluded: flag.optional().describe('Only who was left out, by the analysis or at the claim'),
  seeds: flag.optional().describe('Only those to seeds'),
  proof: count.optional().describe('A proof’s messages in place of the main target’s'),
  copies: flag.optional().describe('The archive’s copies in place of the main target’s'),
  address: text(400).optional().describe('Only to this address'),
};
const filterSchema = z.object(filterShape);

const filterOf = ({ status, ...filter }: z.output<typeof filterSchema>): LedgerFilter =>
  present({ ...filter, statuses: status });

const row = z.coerce.number().int().min(1).max(most).optional();

async function messagesOf(
  { sealpost, params: { id } }: Pick<Call<{ id: string }>, 'sealpost' | 'params'>,
  { limit: wanted, ...filter }: LedgerFilter & { limit: number },
) {
  const delivery = sealpost.delivery(id);
  // An id that nobody knows is an error and not an empty list.
  await delivery.summary();
  const found = await gathered(delivery.messages({ ...filter, limit: wanted + 1 }));
  const { rows, ...more } = pageOf(found, wanted, ({ seq }) => seq);
  return { messages: rows, ...more };
}

const messages = z.object({ messages: z.array(message), next });

/** Recipients, and what became of their messages. */
export const ledgerRoutes: readonly ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: `${one}/messages`,
    needs: 'recipients',
    tag: 'ledger',
    summary: 'Messages in order of sequence: who was sent what, when, with what reply',
    params: deliveryParams,
    query: z.object({ ...filterShape, cursor: seqCursor.optional(), limit }),
    told: messages,
    answer: async (call) => {
      const { cursor, limit: wanted, ...filter } = call.query;
      return await messagesOf(call, { ...filterOf(filter), ...present({ after: cursor }), limit: wanted });
    },
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/in-doubt`,
    needs: 'recipients',
    tag: 'ledger',
    summary: 'Messages of which nobody knows whether the relay took them',
    params: deliveryParams,
    query: z.object({ cursor: seqCursor.optional(), limit }),
    told: messages,
    answer: async (call) => {
      const { cursor, limit: wanted } = call.query;
      return await messagesOf(call, { statuses: ['in-doubt'], ...present({ after: cursor }), limit: wanted });
    },
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/attempts`,
    needs: 'recipients',
    tag: 'ledger',
    summary: 'Every attempt at those messages, in order, with its reply',
    params: deliveryParams,
    query: z.object({
      ...filterShape,
      cursor: cursorOf(z.tuple([z.int().min(0).max(most), z.int().min(0)])).optional(),
      limit,
    }),
    told: z.object({ attempts: z.array(attempt), next }),
    answer: async ({ sealpost, params: { id }, query: { cursor, limit: wanted, ...filter } }) => {
      const delivery = sealpost.delivery(id);
      await delivery.summary();
      const [seq = 0, number = 0] = cursor ?? [];
      // Those at the message where the last page ended come once more, for some of them may be missing yet.
      const again = cursor ? { after: seq - 1 } : {};
      const found = await gathered(delivery.attempts({ ...filterOf(filter), ...again, limit: wanted + 1 + number }));
      const fresh = found.filter((one) => one.seq > seq || one.number > number);
      const { rows, ...more } = pageOf(fresh, wanted, (last) => [last.seq, last.number]);
      return { attempts: rows, ...more };
    },
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/dry-run`,
    needs: 'recipients',
    tag: 'ledger',
    summary: 'What the relay said of each recipient in the last dry run',
    params: deliveryParams,
    query: z.object({ address: filterShape.address, cursor: seqCursor.optional(), limit }),
    told: z.object({ recipients: z.array(dryRunAnswer), next }),
    answer: async ({ sealpost, params: { id }, query: { address, cursor, limit: wanted } }) => {
      const delivery = sealpost.delivery(id);
      await delivery.summary();
      const filter = present({ address, after: cursor });
      const found = await gathered(delivery.dryRunResults({ ...filter, limit: wanted + 1 }));
      const { rows, ...more } = pageOf(found, wanted, ({ seq }) => seq);
      return { recipients: rows, ...more };
    },
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/preview`,
    needs: 'recipients',
    tag: 'ledger',
    summary: 'One recipient’s message as the current revision makes it; nothing is sent',
    params: deliveryParams,
    query: z.object({ row: row.describe('Of the target; not given, its first with an address') }),
    told: z.object({
      id: z.string(),
      row: z.int(),
      html: z.string().exactOptional(),
      text: z.string(),
      eml: z.base64().describe('The whole message'),
    }),
    answer: async ({ sealpost, params: { id }, query }) => {
      const { eml, ...preview } = await sealpost.delivery(id).preview(query.row);
      return { ...preview, eml: eml.toString('base64') };
    },
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/messages/:seq/page`,
    needs: 'recipients',
    tag: 'ledger',
    summary: 'Where a message that was sent can be seen in a browser',
    params: deliveryParams.extend({ seq: count }),
    told: z.object({ proof: z.int(), seq: z.int(), url: z.string(), expiresAt: z.iso.datetime() }),
    answer: async ({ sealpost, params: { id, seq } }) => await sealpost.delivery(id).mirrorPage({ seq }),
  }),
];
