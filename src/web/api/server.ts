import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { demandCsrfToken, demandPermission, noStore } from '../access/guard.js';
import { visitorOfApi, type Visitor } from '../access/visitor.js';
import type { ConsoleParts } from '../console/route.js';
import type { ApiRoute } from './route.js';
import { apiRoutes } from './routes.js';

const prefix = '/api/';

export const isApi = ({ url }: Pick<FastifyRequest, 'url'>): boolean => url.startsWith(prefix);

const visitors = new WeakMap<FastifyRequest, Visitor>();

/** Registers every row of the API's table of routes, and nothing else. */
export function addApi(server: FastifyInstance, parts: () => ConsoleParts): void {
  for (const rule of apiRoutes) {
    server.route({
      method: rule.method,
      url: rule.path,
      ...(rule.bodyLimit !== undefined && { bodyLimit: rule.bodyLimit }),
      onRequest: async (request) => {
        const { access, address } = parts();
        const visitor = await visitorOfApi(access, request, address);
        visitors.set(request, visitor);
        demandPermission(rule, visitor);
      },
      preHandler: async (request) => demandCsrfToken(rule, request, visitorOf(request), parts().address),
      handler: (request, reply) => respond(rule, request, reply, parts()),
    });
  }
}

const visitorOf = (request: FastifyRequest): Visitor => visitors.get(request) ?? { may: new Set() };

async function respond(
  { schemas, answer, status }: ApiRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: ConsoleParts,
): Promise<FastifyReply> {
  const given = { params: request.params, query: request.query, body: request.body };
  const call: Record<string, unknown> = { ...parts, operator: visitorOf(request).operator };
  const faults: { place: string; fault: string }[] = [];
  for (const part of ['params', 'query', 'body'] as const) {
    const parsed = schemas[part]?.safeParse(given[part]);
    if (parsed?.success === false)
      faults.push(
        ...parsed.error.issues.map(({ path, message }) => ({ place: [part, ...path].join('.'), fault: message })),
      );
    call[part] = parsed?.data;
  }
  if (faults.length > 0) return sendProblem(reply, 422, 'What was asked cannot be taken as it is.', { faults });
  // What its schema does not name is not told.
  const told = schemas.answer.parse(await answer(call as unknown as Parameters<typeof answer>[0]));
  noStore(reply);
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(told));
}

/** What has gone wrong, by RFC 9457. @param detail - a sentence for a person */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  detail?: string,
  more: Record<string, unknown> = {},
): FastifyReply {
  noStore(reply);
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="sealpost"');
  const problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Refused',
    status,
    ...(detail !== undefined && { detail }),
    ...more,
  };
  return reply.code(status).type('application/problem+json').send(JSON.stringify(problem));
}
