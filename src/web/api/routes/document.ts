import { z } from 'zod';
import { apiRoute, type ApiRoute } from '../route.js';

/** @param document - made when it is first asked for */
export function documentRoute(document: () => Record<string, unknown>): ApiRoute {
  return apiRoute({
    method: 'GET',
    path: '/api/v1/openapi.json',
    needs: 'account',
    tag: 'api',
    summary: 'This document: OpenAPI 3.1',
    told: z.record(z.string(), z.unknown()),
    answer: () => Promise.resolve(document()),
  });
}
