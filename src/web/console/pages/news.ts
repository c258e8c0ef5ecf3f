import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { percentOf } from '../../../wording/progress-estimate.js';
import { isFinal } from '../../../delivery/phase.js';
import { someOpen } from '../ledger-view.js';
import { LiveFeeds, type Sight, type Viewer } from '../../api/live-feed.js';
import type { Html } from '../html.js';
import { page, type Answer, type ConsoleParts, type ConsoleRoute, type Visit } from '../route.js';
import { phaseBadge, phaseLabel } from '../shown-values.js';
import { paceOf, rowProgress } from './deliveries.js';
import { deliveryParams } from './delivery-address.js';
import { analysisProgress } from './analysis-step.js';
import { figuresOf, paceText } from './message-counts.js';
import { domainRows, waveParts } from './sending.js';

/**
 * What changes on pages, each looked at once for all who have it open: pieces of HTML by the name of the place that they
 * stand in.
 */
export function pageNews({ sealpost, ledger }: Pick<ConsoleParts, 'sealpost' | 'ledger'>): LiveFeeds {
  return new LiveFeeds(async (name): Promise<Sight> => {
    const [view, id = ''] = name.split(/:(.*)/s);
    const { phase, profiles, entries } = await sealpost.delivery(id).glance();
    const pace = await paceOf(ledger, id, phase);
    const [domains, waves] =
      view === 'sending'
        ? await Promise.all([ledger.domains(id, isFinal(phase)), ledger.waves(id, isFinal(phase))])
        : [];
    const parts: Record<string, Html | undefined> =
      view === 'list'
        ? { phase: phaseBadge(phase), progress: rowProgress(phase, profiles, pace) }
        : {
            analysis: analysisProgress(pace),
            ...(pace && { pace: paceText(pace), figures: figuresOf(pace) }),
            ...(domains && { domains: domainRows(domains) }),
            ...waveParts(waves ?? []),
          };
    const data = {
      delivery: id,
      phase,
      entries,
      label: phaseLabel(phase),
      ...(pace && { percent: percentOf(pace) }),
      parts: Object.fromEntries(Object.entries(parts).map(([place, piece]) => [place, piece?.text ?? ''])),
    };
    // What was counted before the end is not the end.
    const counted = (pace?.ended ?? true) && !someOpen(domains) && !someOpen(waves);
    return { event: 'news', data, ended: isFinal(phase) && counted };
  });
}

/** A list shows no more. */
const mostListed = 25;
const listQuery = z.object({
  of: z
    .union([
      z.string().max(200).array().max(mostListed),
      z
        .string()
        .max(200)
        .transform((id) => [id]),
    ])
    .optional()
    .default([]),
});

/** Who comes back has been told of the end: by 204 a browser is told not to come again. */
const hasSeen = ({ request }: FastifyReply): boolean => request.headers['last-event-id'] !== undefined;
const noMore = (reply: FastifyReply): void => void reply.code(204).send();

async function deliveryNews(
  { sealpost, news, watches, visitor, params: { id } }: Visit<'read', z.output<typeof deliveryParams>>,
  view: string,
): Promise<Answer> {
  const { phase } = await sealpost.delivery(id).summary();
  return {
    stream: (reply) => {
      if (isFinal(phase) && hasSeen(reply)) return noMore(reply);
      watches.begin(reply, { visitor, needs: 'read' }, (viewer) => news.add(`${view}:${id}`, viewer));
    },
  };
}

async function listNews({
  sealpost,
  news,
  watches,
  visitor,
  query: { of },
}: Visit<'read', unknown, z.output<typeof listQuery>>): Promise<Answer> {
  const summaries = await Promise.all(
    [...new Set(of)].map((id) =>
      sealpost
        .delivery(id)
        .summary()
        .catch(() => undefined),
    ),
  );
  const known = summaries.flatMap((summary) => summary ?? []);
  return {
    stream: (reply) => {
      const ids = known.filter(({ phase }) => !isFinal(phase) || !hasSeen(reply)).map(({ id }) => id);
      if (ids.length === 0) return noMore(reply);
      watches.begin(reply, { visitor, needs: 'read' }, (viewer) => addEach(news, ids, viewer));
    },
  };
}

/** Watches several over one connection: the last one of them ends it. */
function addEach(news: LiveFeeds, ids: readonly string[], viewer: Viewer): () => void {
  let left = ids.length;
  const end = (): void => {
    left -= 1;
    if (left === 0) viewer.end();
  };
  const leave = ids.map((id) => news.add(`list:${id}`, { write: viewer.write, end }));
  return () => leave.forEach((one) => one());
}

export const newsRoutes: readonly ConsoleRoute[] = [
  page({
    path: '/deliveries/:id/news',
    needs: 'read',
    params: deliveryParams,
    query: z.object({ view: z.enum(['delivery', 'sending']).catch('delivery') }),
    answer: (visit) => deliveryNews(visit, visit.query.view),
  }),
  page({ path: '/news', needs: 'read', query: listQuery, answer: listNews }),
];
