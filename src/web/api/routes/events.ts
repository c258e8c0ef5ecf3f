import type { FastifyRequest } from 'fastify';
import { isFinal } from '../../../delivery/phase.js';
import type { ConsoleParts } from '../../console/route.js';
import { LiveFeeds, type Sight } from '../live-feed.js';
import { servedRoute, type ApiRoute } from '../route.js';
import { deliveryParams } from '../schemas/inputs.js';

const path = '/api/v1/deliveries/:id/events';

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
    serve: async ({ sealpost, feeds, watches, visitor, params: { id } }, { request, reply }) => {
      const { phase } = await sealpost.delivery(id).summary();
      const seen = lastEventId(request);
      // By 204 a browser is told not to come back.
      if (seen !== undefined && isFinal(phase)) return void (await reply.code(204).send());
      watches.begin(reply, { visitor, needs: 'read' }, (viewer) => feeds.add(id, viewer, seen));
    },
  }),
];

function lastEventId({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' ? id : undefined;
}
