import { z } from 'zod';
import type { DeliveryReport } from '../../../client/index.js';
import { phases } from '../../../delivery/phase.js';
import { cursorOf, pageOf } from '../cursor.js';
import { ApiError } from '../problem.js';
import { apiRoute, type ApiRoute, type Call } from '../route.js';
import {
  chainedEntry,
  figures,
  journalEntry,
  progress,
  proof,
  review,
  revision,
  standing,
  stillness,
  summary,
} from '../schemas/delivery.js';
import { deliveryParams, flag, limit, oneOrMore, present, text } from '../schemas/inputs.js';
import { next } from '../schemas/ledger.js';
import { report } from '../schemas/report.js';

const one = '/api/v1/deliveries/:id';
/** A program waits longer for a count of many messages than a page does. */
const patienceMs = 25_000;

/** @throws ApiError where a count takes longer than anybody waits */
function counted<T>(value: T | undefined): T {
  if (value === undefined) throw new ApiError(503, 'UNAVAILABLE', 'Its messages are being counted: try again soon.');
  return value;
}

/** Messages as their readers see them are for who may see recipients. */
function reportFor({ may }: Pick<Call, 'may'>, { analysis, ...rest }: DeliveryReport): DeliveryReport {
  if (!analysis || may.has('recipients')) return analysis ? { ...rest, analysis } : rest;
  return { ...rest, analysis: { ...analysis, samples: [] } };
}

/** What there is to see of deliveries. */
export const deliveriesRoutes: readonly ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: '/api/v1/deliveries',
    needs: 'read',
    tag: 'deliveries',
    summary: 'Deliveries, the newest first',
    query: z.object({
      phase: oneOrMore(z.enum(phases)).optional(),
      search: text(200).optional().describe('Part of an id or of a name, in any case'),
      cursor: cursorOf(text(200)).optional(),
      limit,
    }),
    told: z.object({ deliveries: z.array(summary), next }),
    answer: async ({ sealpost, query: { phase, search, cursor, limit: most } }) => {
      const filter = present({ phases: phase, search, after: cursor });
      const { rows, ...more } = pageOf(await sealpost.list({ ...filter, limit: most + 1 }), most, ({ id }) => id);
      return { deliveries: rows, ...more };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/v1/phases',
    needs: 'read',
    tag: 'deliveries',
    summary: 'How many deliveries stand in each phase',
    told: z.partialRecord(z.enum(phases), z.int()),
    answer: async ({ sealpost }) => await sealpost.countPhases(),
  }),
  apiRoute({
    method: 'GET',
    path: one,
    needs: 'read',
    tag: 'deliveries',
    summary: 'One delivery: what it is, where it stands, findings, proofs, decisions',
    description:
      'Takes as long for a million messages as for ten; what only a look at all of them tells is in figures.',
    params: deliveryParams,
    told: standing,
    answer: async ({ sealpost, may, params: { id } }) => {
      const { journal: _journal, sample, ...told } = await sealpost.delivery(id).standing();
      return { ...told, ...(sample && may.has('recipients') && { sample }) };
    },
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/figures`,
    needs: 'read',
    tag: 'deliveries',
    summary: 'What a look at all of its messages tells',
    params: deliveryParams,
    told: figures,
    answer: async ({ ledger, may, params: { id } }) => {
      const { heldUpBy, ...told } = counted(await ledger.figures(id, patienceMs));
      return { ...told, ...(may.has('recipients') && { heldUpBy }) };
    },
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/progress`,
    needs: 'read',
    tag: 'deliveries',
    summary: 'How far it is, and how fast',
    params: deliveryParams,
    told: progress,
    answer: async ({ ledger, params: { id } }) => counted(await ledger.pace(id, false, patienceMs)),
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/stillness`,
    needs: 'read',
    tag: 'deliveries',
    summary: 'Since when a pause or a stop holds',
    params: deliveryParams,
    told: stillness,
    answer: async ({ sealpost, params: { id } }) => await sealpost.delivery(id).stillness(),
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/report`,
    needs: 'read',
    tag: 'deliveries',
    summary: 'What a decision is made by: findings, counts, sizes, samples, the difference to another revision',
    params: deliveryParams,
    query: z.object({
      against: text(64)
        .optional()
        .describe('The revision to compare with, by 8 or more characters of its hash; not given, the one before'),
      addresses: flag.optional().describe('Recipients’ addresses in full; for who may see recipients'),
    }),
    told: report,
    answer: async (call) => {
      const { sealpost, may, params, query } = call;
      const addresses = query.addresses === true && may.has('recipients');
      const told = await sealpost.delivery(params.id).report({ ...present({ against: query.against }), addresses });
      return reportFor(call, told);
    },
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/proofs`,
    needs: 'read',
    tag: 'deliveries',
    summary: 'Its proofs, and reviewers’ words on them',
    params: deliveryParams,
    told: z.object({ proofs: z.array(proof), reviews: z.array(review) }),
    answer: async ({ sealpost, params: { id } }) => {
      const { proofs, reviews } = await sealpost.delivery(id).standing();
      return { proofs, reviews };
    },
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/revisions`,
    needs: 'read',
    tag: 'deliveries',
    summary: 'Its revisions, the latest first',
    params: deliveryParams,
    told: z.object({ current: z.string(), revisions: z.array(revision) }),
    answer: async ({ sealpost, params: { id } }) => {
      const told = await sealpost.delivery(id).standing();
      return { current: told.revision, revisions: told.revisions };
    },
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/timeline`,
    needs: 'read',
    tag: 'deliveries',
    summary: 'What happened to it, in order',
    params: deliveryParams,
    query: z.object({ cursor: cursorOf(z.int()).optional(), limit }),
    told: z.object({ entries: z.array(journalEntry), next }),
    answer: async ({ sealpost, params: { id }, query: { cursor = 0, limit: most } }) => {
      const { journal } = await sealpost.delivery(id).standing();
      const { rows, ...more } = pageOf(
        journal.filter(({ n }) => n > cursor),
        most,
        ({ n }) => n,
      );
      return { entries: rows, ...more };
    },
  }),
  apiRoute({
    method: 'GET',
    path: `${one}/journal`,
    needs: 'audit',
    tag: 'audit',
    summary: 'The journal with its chain of hashes, in order',
    params: deliveryParams,
    query: z.object({ cursor: cursorOf(z.int()).optional(), limit }),
    told: z.object({ entries: z.array(chainedEntry), next }),
    answer: async ({ sealpost, params: { id }, query: { cursor = 0, limit: most } }) => {
      const journal = await sealpost.delivery(id).journal();
      const { rows, ...more } = pageOf(
        journal.filter(({ n }) => n > cursor),
        most,
        ({ n }) => n,
      );
      return { entries: rows, ...more };
    },
  }),
];
