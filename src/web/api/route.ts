import type { z } from 'zod';
import type { SignedInOperator } from '../../store/sessions.js';
import type { Needs, RouteRule } from '../access/route-rule.js';
import type { ConsoleParts } from '../console/route.js';

/** One request to the API: admitted, and with what it brought already looked at. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> extends ConsoleParts {
  operator: SignedInOperator;
  params: Params;
  query: Query;
  body: Body;
}

/** A row of the API's table of routes. */
export interface ApiRoute extends RouteRule {
  kind: 'api';
  /** What it is for, in a few words. */
  summary: string;
  /** The answer's status where all goes well. */
  status: number;
  schemas: Partial<Record<'params' | 'query' | 'body', z.ZodType>> & { answer: z.ZodType };
  answer: (call: Call<never, never, never>) => Promise<unknown>;
}

/** @param schemas.answer - what it answers: the document of the API is made from it */
export function apiRoute<Params, Query, Body, Told>({
  params,
  query,
  body,
  told,
  answer,
  status = 200,
  ...rule
}: Omit<RouteRule, 'kind' | 'needs'> & {
  needs: Exclude<Needs, 'nothing'>;
  summary: string;
  status?: number;
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
  /** What it answers. */
  told: z.ZodType<Told>;
  answer: (call: Call<Params, Query, Body>) => Promise<Told>;
}): ApiRoute {
  return {
    ...rule,
    kind: 'api',
    status,
    schemas: { ...(params && { params }), ...(query && { query }), ...(body && { body }), answer: told },
    answer,
  };
}
