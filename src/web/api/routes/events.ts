import type { FastifyReply, FastifyRequest } from 'fastify';
import { isFinal } from '../../../delivery/phase.js';
import type { ConsoleParts } from '../../console/route.js';
import { LiveFeeds, type Sight, type Viewer } from '../live-feed.js';
import { ApiError } from '../problem.js';
import { servedRoute, type ApiRoute } from '../route.js';
import { deliveryParams } from '../schemas/inputs.js';

const path = '/api/v1/deliveries/:id/events';

/** The most that are watched at once by all, and by one operator. */
const most = { all: 600, own: 100 };
/** Who watches longer connects again, and is looked at again: roles may be gone, and sessions over. */
const longestMs = 10 * 60_000;
/** Octets that wait for a viewer who does not read. */
const mostWaiting = 65_536;

const type = 'text/event-stream';
const words = 'Server-sent events';

/** How far deliveries are, each looked at once for all viewers. */
export function progressFeeds({ ledger }: Pick<ConsoleParts, 'ledger'>): LiveFeeds {
  return new LiveFeeds(async (id): Promise<Sight | undefined> => {
    const pace = await ledger.pace(id, false);
    return pace && { event: 'progress', data: pace, ended: isFinal(pace.phase) };
  });
}

/** What happens, while it happens. */
export const eventRoutes: readonly ApiRoute[] = [
  servedRoute({
    method: 'GET',
    path,
    needs: 'read',
    tag: 'deliveries',
    summary: 'Its progress while it changes, as server-sent events',
    description:
      'Events `progress`, whose data is that of `/progress`, and `end`, after which nothing comes. It may close before: connect again with Last-Event-ID, as an EventSource does. 204 says that there is nothing more.',
    params: deliveryParams,
    type,
    gives: words,
    serve: async ({ sealpost, feeds, operator, params: { id } }, { request, reply }) => {
      const { phase } = await sealpost.delivery(id).summary();
      const seen = lastEventId(request);
      // By 204 a browser is told not to come back.
      if (seen !== undefined && isFinal(phase)) return void (await reply.code(204).send());
      watch(feeds, { name: id, seen, operator: operator.id }, reply);
    },
  }),
];

function lastEventId({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' ? id : undefined;
}

const watching = new Map<string, number>();

function watch(
  feeds: LiveFeeds,
  { name, seen, operator }: { name: string; seen: string | undefined; operator: string },
  reply: FastifyReply,
): void {
  const own = watching.get(operator) ?? 0;
  if (own >= most.own || feeds.viewers >= most.all)
    throw new ApiError(429, 'TOO_MANY_REQUESTS', 'Too many are watching already.');
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': type,
    'x-accel-buffering': 'no',
  });
  watching.set(operator, own + 1);
  const viewer: Viewer = {
    write: (text) => raw.write(text) || raw.writableLength < mostWaiting,
    end: () => raw.end(),
  };
  const leave = feeds.add(name, viewer, seen);
  const timer = setTimeout(leave, longestMs).unref();
  raw.on('close', () => {
    clearTimeout(timer);
    leave();
    const left = (watching.get(operator) ?? 1) - 1;
    if (left > 0) watching.set(operator, left);
    else watching.delete(operator);
  });
}
