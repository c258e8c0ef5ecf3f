import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { SignedInOperator } from '../../store/sessions.js';
import type { Permission } from '../access/permissions.js';
import type { Needs, RouteRule } from '../access/route-rule.js';
import type { Visitor } from '../access/visitor.js';
import type { ConsoleParts } from '../console/route.js';
import type { Upload } from './uploads.js';

/** Groups of routes, in the order in which the document has them. */
export const tags = {
  deliveries: 'What is sent, from its definition to its end',
  commands: 'What people say to a delivery. A refusal is 409 with its reason; 202 says that no worker answers yet',
  ledger: 'Messages: who was sent what, when, with what reply',
  audit: 'What proves what happened',
  lists: 'Denylist and quarantine',
  operators: 'Who acts',
  api: 'The API itself',
} as const;
export type Tag = keyof typeof tags;

/** One request to the API: admitted, and with what it brought already looked at. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> extends ConsoleParts {
  operator: SignedInOperator;
  visitor: Visitor;
  may: ReadonlySet<Permission>;
  params: Params;
  query: Query;
  body: Body;
  /** What came in place of a JSON body. */
  upload?: Upload;
  /** Names what the request commands: the same for a request that is made again under its Idempotency-Key. */
  commandId: string;
}

/** What a request may bring in place of JSON. */
export interface TakenUpload {
  types: readonly string[];
  /** What it is, for the document. */
  description: string;
  /** Octets. */
  limit: number;
}

/** What is not JSON: served as it comes. */
export interface Served {
  type: string;
  description: string;
  serve: (call: Call<never, never, never>, exchange: { request: FastifyRequest; reply: FastifyReply }) => Promise<void>;
}

/** A row of the API's table of routes. */
export interface ApiRoute extends RouteRule {
  kind: 'api';
  tag: Tag;
  /** What it is for, in a few words. */
  summary: string;
  description?: string;
  /** Where all goes well; of several, {@link statusOf} tells which. */
  statuses: readonly number[];
  statusOf: (told: unknown) => number;
  /** `body` is what a JSON body is looked at by; `shownBody` is what it must be in the end, where the client looks at that. */
  schemas: Partial<Record<'params' | 'query' | 'body' | 'shownBody' | 'answer', z.ZodType>>;
  examples: { body?: unknown; answer?: unknown };
  upload?: TakenUpload;
  served?: Served;
  answer: (call: Call<never, never, never>) => Promise<unknown>;
}

/** What all rows say of themselves. */
interface Common<Params, Query> extends Omit<RouteRule, 'kind' | 'needs'> {
  needs: Exclude<Needs, 'nothing'>;
  tag: Tag;
  summary: string;
  description?: string;
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
}

/** @param spec.told - what it answers: the document of the API is made from it */
export function apiRoute<Params, Query, Body, Told>(
  spec: Common<Params, Query> & {
    /** @default 200 */
    status?: number | { all: readonly number[]; of: (told: NoInfer<Told>) => number };
    body?: z.ZodType<Body>;
    shownBody?: z.ZodType;
    upload?: TakenUpload;
    told: z.ZodType<Told>;
    examples?: { body?: unknown; answer?: NoInfer<Told> };
    answer: (call: Call<Params, Query, Body>) => Promise<NoInfer<Told>>;
  },
): ApiRoute {
  const { params, query, body, shownBody, told, examples = {}, status = 200, answer, ...rule } = spec;
  const schemas = {
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body }),
    ...(shownBody && { shownBody }),
    answer: told,
  };
  const fixed = typeof status === 'number';
  return {
    ...rule,
    kind: 'api',
    statuses: fixed ? [status] : status.all,
    // Its own answer is what it judges.
    statusOf: fixed ? () => status : (status.of as ApiRoute['statusOf']),
    schemas,
    examples,
    answer,
  };
}

/** A route that answers something else than JSON. */
export function servedRoute<Params, Query>(
  spec: Common<Params, Query> & {
    type: string;
    gives: string;
    serve: (call: Call<Params, Query>, exchange: { request: FastifyRequest; reply: FastifyReply }) => Promise<void>;
  },
): ApiRoute {
  const { params, query, type, gives, serve, ...rule } = spec;
  return {
    ...rule,
    kind: 'api',
    statuses: [200],
    statusOf: () => 200,
    schemas: { ...(params && { params }), ...(query && { query }) },
    examples: {},
    served: { type, description: gives, serve },
    answer: () => Promise.resolve(undefined),
  };
}
