import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { demandCsrfToken, demandPermission, noStore } from '../access/guard.js';
import { visitorOfApi, type Visitor } from '../access/visitor.js';
import type { ConsoleParts } from '../console/route.js';
import { entityTag, noneMatches } from './entity-tag.js';
import { carriedOutOnce, digestOf, idempotencyKeyOf } from './idempotency.js';
import { ApiError, type Fault } from './problem.js';
import { limitRequests } from './request-limit.js';
import type { ApiRoute, Call } from './route.js';
import { apiRoutes } from './routes.js';
import { addFileParsers, uploadOf, type Upload } from './uploads.js';

const prefix = '/api/';

export const isApi = ({ url }: Pick<FastifyRequest, 'url'>): boolean => url.startsWith(prefix);

const visitors = new WeakMap<FastifyRequest, Visitor>();
const visitorOf = (request: FastifyRequest): Visitor => visitors.get(request) ?? { may: new Set() };

/** Registers every row of the API's table of routes, and nothing else. */
export async function addApi(
  server: FastifyInstance,
  parts: () => ConsoleParts,
  { requestsPerMinute }: { requestsPerMinute?: number | undefined } = {},
): Promise<void> {
  await server.register((api, _options, done) => {
    addFileParsers(api);
    const limited = limitRequests(api, requestsPerMinute);
    for (const rule of apiRoutes) {
      api.route({
        method: rule.method,
        url: rule.path,
        bodyLimit: rule.upload?.limit ?? rule.bodyLimit ?? 262_144,
        onRequest: async (request) => {
          const { access, address } = parts();
          const visitor = await visitorOfApi(access, request, address);
          visitors.set(request, visitor);
          await limited(request, visitor);
          demandPermission(rule, visitor);
        },
        preHandler: async (request) => {
          demandCsrfToken(rule, request, visitorOf(request), parts().address);
          demandKnownBody(rule, request);
        },
        handler: (request, reply) => respond(rule, request, reply, parts()),
      });
    }
    done();
  });
}

const json = 'application/json';

const mediaTypeOf = ({ headers }: FastifyRequest): string =>
  headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** @throws ApiError for a body that the route takes none of */
function demandKnownBody({ schemas, upload }: ApiRoute, request: FastifyRequest): void {
  const type = mediaTypeOf(request);
  const taken = [...(schemas.body ? [json] : []), ...(upload?.types ?? [])];
  if (type === '' || type === json || taken.includes(type)) return;
  throw new ApiError(415, 'MEDIA_TYPE_UNSUPPORTED', `This route takes ${taken.join(', ') || 'no body'}.`);
}

async function respond(
  route: ApiRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: ConsoleParts,
): Promise<FastifyReply> {
  const key = route.method === 'POST' ? idempotencyKeyOf(request) : undefined;
  const { params, query } = checked(route, { params: request.params, query: request.query });
  const { upload, body } = broughtBy(route, request);
  const visitor = visitorOf(request);
  // The guard has let in nobody who has not signed in.
  const call = {
    ...parts,
    operator: visitor.operator,
    visitor,
    may: visitor.may,
    params,
    query,
    body,
    ...(upload && { upload }),
  };
  const told = (commandId: string) => route.answer({ ...call, commandId } as unknown as Call<never, never, never>);
  noStore(reply);
  if (route.served) {
    await route.served.serve(call as unknown as Call<never, never, never>, { request, reply });
    return reply;
  }
  if (route.method === 'GET') return sendTagged(request, reply, JSON.stringify(shown(route, await told(''))));
  const { status, text, replayed } = await carriedOutOnce(
    parts.access,
    { key, operator: visitor.operator?.id ?? '', digest: () => digestOf(request, upload?.digest) },
    async (commandId) => {
      const value = await told(commandId);
      return { status: route.statusOf(value), text: JSON.stringify(shown(route, value)) };
    },
  );
  if (replayed) reply.header('idempotency-replayed', 'true');
  return reply
    .code(status)
    .type(status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json')
    .send(text);
}

/** What its schema does not name is not told. It is looked at as JSON has it, which knows no undefined members. */
const shown = ({ schemas }: ApiRoute, value: unknown): unknown =>
  schemas.answer?.parse(JSON.parse(JSON.stringify(value)));

/** What the request has brought: a file, or JSON that fits. */
function broughtBy(route: ApiRoute, request: FastifyRequest): { upload?: Upload; body?: unknown } {
  return route.upload ? { upload: uploadOf(request) } : checked(route, { body: request.body ?? {} });
}

/** @throws ApiError with all that is wrong at once */
function checked<Part extends 'params' | 'query' | 'body'>(
  { schemas }: ApiRoute,
  given: Record<Part, unknown>,
): Record<Part, unknown> {
  const faults: Fault[] = [];
  const values = {} as Record<Part, unknown>;
  for (const part of Object.keys(given) as Part[]) {
    const parsed = schemas[part]?.safeParse(given[part]);
    values[part] = parsed?.data;
    for (const { path, message } of parsed?.error?.issues ?? [])
      faults.push({ field: [part, ...path].join('.'), sentence: message });
  }
  if (faults.length === 0) return values;
  throw new ApiError(422, 'REQUEST_INVALID', 'What was asked cannot be taken as it is.', faults);
}

function sendTagged(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  const tag = entityTag(text);
  reply.header('etag', tag);
  if (!noneMatches(request.headers['if-none-match'], tag)) return reply.code(304).send();
  return reply.type('application/json; charset=utf-8').send(text);
}
