import { fastify, type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { openDatabase, type Queryable } from '../store/database.js';
import { addMirror, SealDiffersError } from './mirror.js';
import { page, securityHeaders } from './page.js';
import { recordRequests, type RequestRecord } from './request-record.js';
import { addUnsubscription } from './unsubscription.js';

interface WebOptions {
  database: Queryable;
  record: (request: RequestRecord) => void;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** The public endpoints, not listening yet. */
export function createWebServer({ database, record, now = Date.now }: WebOptions): FastifyInstance {
  const server = fastify({
    logger: false,
    bodyLimit: 4_096,
    requestTimeout: 10_000,
    routerOptions: { maxParamLength: 100 },
    frameworkErrors: (_error, _request, reply) => {
      void plain(reply.headers(securityHeaders), 404);
    },
  });
  const wentWrong = recordRequests(server, record);
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(securityHeaders);
  });
  // Mailbox providers post a form, urlencoded or multipart. It is read up to the limit and not looked at.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
  server.setNotFoundHandler((_request, reply) => plain(reply, 404));
  server.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    const theirs = status >= 400 && status < 500;
    if (!theirs || error instanceof SealDiffersError) wentWrong(request, error);
    if (theirs) return plain(reply, status);
    // Most likely the database does not answer. Mailbox providers post again at a 5xx.
    return plain(reply.header('retry-after', '60'), 503);
  });
  addUnsubscription(server, database);
  addMirror(server, { database, now });
  return server;
}

const sentences: Readonly<Record<number, readonly [title: string, body: string]>> = {
  404: ['Not found', 'There is nothing here. If you followed a link, see that it is complete.'],
  503: ['Not now', 'This did not work. Nothing was changed; please try again in a few minutes.'],
};

function plain(reply: FastifyReply, status: number): FastifyReply {
  const [title, body] = sentences[status] ?? ['Refused', 'This request cannot be answered.'];
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(page(title, `<p>${body}</p>`));
}

/** The endpoints while they are served. */
export interface RunningWebServer {
  /** With scheme, host and port, without a slash at its end. */
  readonly url: string;
  /** Answers what is under way, then ends. */
  stop(): Promise<void>;
}

/**
 * Serves the public endpoints. A kill loses requests that are under way and nothing else: whoever asked gets no answer.
 *
 * @param options.port - 0 for any
 * @throws Error of the driver when the database does not answer or has no tables; with code `EADDRINUSE` or `EACCES` when
 *   the port is not to be had
 */
export async function startWebServer(options: {
  databaseUrl: string;
  host: string;
  port: number;
  record: WebOptions['record'];
}): Promise<RunningWebServer> {
  const { databaseUrl, host, port, record } = options;
  const database = openDatabase(databaseUrl, 4);
  const server = createWebServer({ database, record });
  try {
    await database.query('select sender from denylist limit 0');
    const url = await server.listen({ host, port });
    return {
      url,
      stop: async () => {
        await server.close();
        await database.end();
      },
    };
  } catch (error) {
    await server.close();
    await database.end();
    throw error;
  }
}
