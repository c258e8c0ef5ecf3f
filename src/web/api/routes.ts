import { z } from 'zod';
import { phases } from '../../delivery/phase.js';
import { decisionRoutes } from './decision-routes.js';
import { apiRoute, type ApiRoute } from './route.js';

const deliverySummary = z.object({
  id: z.string(),
  name: z.string(),
  phase: z.enum(phases),
  createdAt: z.iso.datetime(),
  revision: z.string(),
  profiles: z.int(),
});

const progress = z.object({
  phase: z.enum(phases),
  ended: z.boolean(),
  counts: z.record(z.string(), z.int()),
  total: z.int(),
  settled: z.int(),
  analysis: z.object({ prepared: z.int(), total: z.int() }).optional(),
});

/** Every call that the API takes, and who may make it. */
export const apiRoutes: readonly ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: '/api/v1/deliveries',
    needs: 'read',
    summary: 'Deliveries, the newest first',
    query: z.object({
      phase: z.enum(phases).optional(),
      search: z.string().max(200).optional(),
      after: z.string().max(200).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    told: z.object({ deliveries: z.array(deliverySummary) }),
    answer: async ({ sealpost, query: { phase, search, after, limit } }) => ({
      deliveries: await sealpost.list({
        limit,
        ...(phase !== undefined && { phases: [phase] }),
        ...(search !== undefined && { search }),
        ...(after !== undefined && { after }),
      }),
    }),
  }),
  apiRoute({
    method: 'GET',
    path: '/api/v1/deliveries/:id/progress',
    needs: 'read',
    summary: 'How far a delivery is',
    params: z.object({ id: z.string().min(1).max(200) }),
    told: progress,
    answer: async ({ sealpost, params: { id } }) => await sealpost.delivery(id).progress(),
  }),
  ...decisionRoutes,
];
