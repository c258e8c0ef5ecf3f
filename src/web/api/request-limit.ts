import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RefusedError } from '../access/guard.js';
import { networkOf } from '../access/guess-limit.js';
import type { Visitor } from '../access/visitor.js';

/** So many requests a minute one token, or one session, may make. */
const perMinute = 600;

/** Counts are kept in memory, for each process of the console by itself. Strangers are counted by where they come from. */
export function limitRequests(
  server: FastifyInstance,
  max = perMinute,
): (request: FastifyRequest, visitor: Visitor) => Promise<void> {
  const names = new WeakMap<FastifyRequest, string>();
  const limited = server.createRateLimit({
    max,
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => names.get(request) ?? networkOf(request.ip),
  });
  return async (request, { token, session }) => {
    if (token !== undefined) names.set(request, `token ${token}`);
    else if (session) names.set(request, `session ${session.key}`);
    const state = await limited(request);
    if (!state.isAllowed && state.isExceeded) throw new RefusedError('too-many', 'too many requests');
  };
}
