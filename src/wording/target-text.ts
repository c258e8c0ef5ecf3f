import type { DeliveryDescription } from '../client/index.js';
import { grouped, plural, type Field } from './terminal-text.js';

const letIn = { denylisted: 'who is denylisted', quarantined: 'who is in quarantine', doubles: 'doubles' } as const;

/** `row 12`, `seed 2`: seeds have rows below 0. */
export const rowText = (row: number): string => (row < 0 ? `seed ${-row}` : `row ${row}`);

type Sealed = Pick<DeliveryDescription, 'sealedCount' | 'seeds'>;

/** `990 messages, 2 of them to seeds`. */
export function sealedText({ sealedCount = 0, seeds }: Sealed): string {
  return plural(sealedCount, 'message') + (seeds?.sealed ? `, ${grouped(seeds.sealed)} of them to seeds` : '');
}

/** `988 recipients and 2 seeds`. */
export function addresseesText({ sealedCount = 0, seeds: { sealed = 0 } = { sealed: 0, counts: {} } }: Sealed): string {
  return plural(sealedCount - sealed, 'recipient') + (sealed === 0 ? '' : ` and ${plural(sealed, 'seed')}`);
}

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
  const { control, limit, exclude, seeds } = settings.target ?? {};
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
    ...(seeds?.length ? [['seeds', `${grouped(seeds.length)} mixed in, ${drawnBy(undefined)}`] as const] : []),
    ...(open.length > 0 ? [['let in', open.map((which) => letIn[which]).join(', ')] as const] : []),
  ];
}
