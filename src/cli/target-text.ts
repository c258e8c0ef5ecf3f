import type { DeliveryDescription } from '../client/index.js';
import { grouped, type Field } from './terminal-text.js';

const letIn = { denylisted: 'who is denylisted', quarantined: 'who is in quarantine', doubles: 'doubles' } as const;

/**
 * Where recipients come from, and who of them is held out or let in by the settings, with the seeds by which anybody can
 * repeat a draw.
 */
export function targetFields({
  settings,
  drawSeed = '',
  origins = [],
  queries,
}: Pick<DeliveryDescription, 'settings' | 'drawSeed' | 'origins' | 'queries'>): Field[] {
  const { control, limit, exclude } = settings.target ?? {};
  const drawnBy = (seed: string | undefined) => `drawn by the seed ${seed ?? drawSeed}`;
  const size = control?.count === undefined ? `${control?.percent} %` : grouped(control.count);
  const order = limit?.order === 'random' ? drawnBy(limit.seed) : 'the first';
  const open = (['denylisted', 'quarantined', 'doubles'] as const).filter((which) => exclude?.[which] === false);
  const sources = origins.map(({ source, rowsBefore }) =>
    rowsBefore === 0 ? source : `${source} (row 1 is row ${grouped(rowsBefore + 1)})`,
  );
  return [
    ...(sources.length > 0 ? [['sources', sources.join(', ')] as const] : []),
    ...queries.map(({ database, query }) => ['asked of', `${database}: ${query.replaceAll(/\s+/g, ' ')}`] as const),
    ...(control ? [['control group', `${size}, ${drawnBy(control.seed)}`] as const] : []),
    ...(limit ? [['at most', `${grouped(limit.count)}, ${order}`] as const] : []),
    ...(open.length > 0 ? [['let in', open.map((which) => letIn[which]).join(', ')] as const] : []),
  ];
}
