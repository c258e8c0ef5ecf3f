import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { browserName } from '../access/browser-name.js';
import { csrfToken } from '../access/csrf.js';
import { demandCsrfToken, demandPermission, frameHeaders, noStore, RefusedError } from '../access/guard.js';
import { limitStrangers } from '../access/guess-limit.js';
import type { UploadLimits } from '../access/route-rule.js';
import { newSecret } from '../access/secret.js';
import {
  asksByItself,
  readCookie,
  sessionCookie,
  setCookie,
  visitorBySession,
  type Visitor,
} from '../access/visitor.js';
import { findAsset } from './assets.js';
import { errorPage } from './error-page.js';
import { document } from './layout.js';
import { openNotice, sealedNotice } from './notice.js';
import type { Answer, ConsoleParts, ConsoleRoute, Visit } from './route.js';
import { assetRule, consoleRoutes } from './routes.js';
import { holdRoom, readUploads, uploadsOf } from './uploads.js';

const visitors = new WeakMap<FastifyRequest, Visitor>();

/** Registers every row of the table of routes, and nothing else. */
export function addPages(server: FastifyInstance, parts: () => ConsoleParts): void {
  const [guess, keep] = [limitStrangers(server, 'guessable'), limitStrangers(server, 'kept')];
  addAssets(server);
  for (const rule of consoleRoutes) {
    server.route({
      method: rule.method,
      url: rule.path,
      ...(rule.bodyLimit !== undefined && { bodyLimit: rule.bodyLimit }),
      onRequest: async (request, reply) => {
        const { access, address } = parts();
        const visitor = await visitorBySession(access, request, address);
        visitors.set(request, visitor);
        demandPermission(rule, visitor);
        if (rule.guessable) await guess(request);
        if (rule.kept) await keep(request);
        if (rule.uploads) holdRoom((done) => reply.raw.once('close', done));
      },
      ...(rule.uploads && { preValidation: readUploadsOf(rule.uploads) }),
      preHandler: async (request) => demandCsrfToken(rule, request, visitorOf(request), parts().address),
      handler: async (request, reply) => send(request, reply, parts(), await answer(rule, request, reply, parts())),
    });
  }
}

const readUploadsOf = (limits: UploadLimits) => (request: FastifyRequest) => readUploads(request, limits);

/** Their names say what is in them: they never change. */
function addAssets(server: FastifyInstance): void {
  server.get<{ Params: { name: string } }>(assetRule.path, (request, reply) => {
    const asset = findAsset(request.params.name);
    if (!asset) return reply.callNotFound();
    return reply.type(asset.type).header('cache-control', 'public, max-age=31536000, immutable').send(asset.bytes);
  });
}

/** A request that failed before it was asked who it is comes from a stranger. */
const visitorOf = (request: FastifyRequest): Visitor => visitors.get(request) ?? { may: new Set() };

async function answer(
  rule: ConsoleRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: ConsoleParts,
): Promise<Answer> {
  const { params, query, form } = rule.schemas;
  const path = params ? params.safeParse(request.params) : undefined;
  if (path && !path.success) return errorPage(404);
  const asked = query?.safeParse(request.query);
  const given = form?.safeParse(request.body ?? {});
  if (asked?.success === false || given?.success === false) return errorPage(422);
  const visitor = visitorOf(request);
  const secret = secretOf(visitor, reply, parts);
  const visit = {
    ...parts,
    visitor,
    operator: visitor.operator,
    params: path?.data,
    query: asked?.data,
    form: given?.data,
    files: uploadsOf(request),
    csrf: csrfToken(secret),
    path: request.url,
    browser: browserName(request.headers['user-agent']),
  };
  // The guard has let in nobody whom the route does not let in: there is an operator where it needs one.
  return await rule.answer(visit as Visit<never>);
}

/** A stranger's forms are bound to the visit, which begins with the first page that has one. */
function secretOf(visitor: Visitor, reply: FastifyReply, { address }: ConsoleParts): string {
  if (visitor.secret !== undefined) return visitor.secret;
  visitor.secret = newSecret();
  void reply.header('set-cookie', setCookie('visit', visitor.secret, address));
  return visitor.secret;
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { address, inboxFolder, waiting }: ConsoleParts,
  answered: Answer,
): Promise<FastifyReply> {
  noStore(reply);
  const visitor = visitorOf(request);
  const { session } = answered;
  if (session !== undefined) reply.header('set-cookie', sessionCookie(session ?? undefined, address));
  if ('to' in answered) {
    const secret = session ?? visitor.secret;
    if (answered.notice && secret !== undefined)
      reply.header('set-cookie', setCookie('notice', sealedNotice(answered.notice, secret), address, 60));
    return reply.redirect(answered.to, 303);
  }
  if ('frame' in answered)
    return reply.headers(frameHeaders(answered.frame)).type('text/html; charset=utf-8').send(answered.frame.html);
  if ('stream' in answered) {
    answered.stream(reply);
    return reply;
  }
  if ('json' in answered) return reply.send(answered.json);
  if ('download' in answered) {
    const { name, type, body } = answered.download;
    return reply
      .header('content-disposition', `attachment; filename="${name.replaceAll(/[^\w.-]/g, '_')}"`)
      .type(type)
      .send(body);
  }
  // A page that renews itself while a form is answered must not take what is said to who filled it in.
  const cookie = asksByItself(request) ? undefined : readCookie(request, 'notice', address);
  // Once it is shown it is over; the cookie is all that there is of it.
  if (cookie !== undefined) reply.header('set-cookie', setCookie('notice', undefined, address));
  const csrf = visitor.secret === undefined ? '' : csrfToken(visitor.secret);
  const notice = openNotice(cookie, visitor.secret);
  const around = {
    visitor,
    csrf,
    notice,
    hasInbox: inboxFolder !== undefined,
    waiting: visitor.operator && (await waiting.of(visitor.operator.id)),
  };
  return reply
    .code(answered.status ?? 200)
    .type('text/html; charset=utf-8')
    .send(document(answered.page, around));
}

/** What has gone wrong, as a page; who has to sign in first is taken there, and back afterwards. */
export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: ConsoleParts,
  status: number,
  { error, told }: { error?: Error | undefined; told?: string | undefined } = {},
): Promise<FastifyReply> {
  if (error instanceof RefusedError && error.refusal === 'sign-in') {
    const next =
      request.method === 'GET' && request.url !== '/'
        ? `?${new URLSearchParams({ next: request.url }).toString()}`
        : '';
    return send(request, reply, parts, { to: `/sign-in${next}` });
  }
  // Other sentences speak of commands and variables, to who runs the servers.
  return send(request, reply, parts, errorPage(status, status === 409 || status === 422 ? told : undefined));
}
