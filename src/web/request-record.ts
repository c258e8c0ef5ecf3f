import type { FastifyInstance, FastifyRequest } from 'fastify';

/** One request in the log. Tokens, addresses and who asked are not in it. */
export interface RequestRecord {
  method: string;
  /** The route's pattern; empty where there is none. */
  route: string;
  status: number;
  /** Milliseconds. */
  ms: number;
  /** Code or name of what went wrong on our side. */
  error?: string;
}

/**
 * Tells of every request that a server has answered.
 *
 * @returns notes what went wrong on our side in one
 */
export function recordRequests(
  server: FastifyInstance,
  record: (request: RequestRecord) => void,
): (request: FastifyRequest, error: Error & { code?: string }) => void {
  const errors = new WeakMap<FastifyRequest, string>();
  server.addHook('onResponse', async (request, reply) => {
    const error = errors.get(request);
    record({
      method: request.method,
      route: request.routeOptions.url ?? '',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      ...(error !== undefined && { error }),
    });
  });
  return (request, error) => void errors.set(request, error.code ?? error.name);
}
