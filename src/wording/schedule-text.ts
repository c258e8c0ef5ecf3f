import type { DeliveryDescription } from '../client/index.js';
import { durationOf } from '../delivery/rate.js';
import { roughTime } from './progress-estimate.js';
import { grouped, plural, timeText, type Column, type Field } from './terminal-text.js';

type Scheduled = Pick<
  DeliveryDescription,
  'phase' | 'settings' | 'schedule' | 'sendingSince' | 'heldFor' | 'sealedCount'
>;

/** An instant as the clocks of a zone show it: `2026-12-01 09:00 Europe/Berlin`; UTC where there is none. */
function zoned(at: number, timeZone: string | undefined): string {
  if (timeZone === undefined) return timeText(new Date(at).toISOString());
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return `${format.format(at)} ${timeZone}`;
}

/** When sending starts or has started, in milliseconds since the epoch, as far as that is known. */
function startOf({ schedule, sendingSince }: Scheduled): number | undefined {
  const start = sendingSince ?? schedule?.startsAt;
  return start === undefined ? undefined : Date.parse(start);
}

/** What the settings of a schedule say, before and after it is sealed. */
export function scheduleFields({
  settings,
  schedule,
  sealedCount,
}: Pick<Scheduled, 'settings' | 'schedule' | 'sealedCount'>): Field[] {
  const { rate, at, timeZone, recipientTimeZoneField: field, waves, canary, lateness } = settings.sending;
  const frozen = schedule?.startsAt === undefined ? '' : ` (${timeText(schedule.startsAt)})`;
  const own = field === undefined ? '' : `, or at that time where the recipient is (${field})`;
  const goesOn =
    canary?.limits === undefined
      ? "an operator's word"
      : Object.entries(canary.limits)
          .map(([name, share]) => `${name} at most ${share}`)
          .join(', ');
  const takes = rate === undefined || sealedCount === undefined ? undefined : durationOf(sealedCount, rate) / 1_000;
  return [
    ...(rate === undefined
      ? []
      : [
          [
            'rate',
            `${rate} at the most${takes === undefined ? '' : `: ${plural(sealedCount ?? 0, 'message')} take about ${roughTime(takes)}`}`,
          ] as const,
        ]),
    ...(at === undefined ? [] : [['contact date', `${at.replace('T', ' ')} ${timeZone}${own}${frozen}`] as const]),
    ...(lateness === undefined ? [] : [['late by at most', lateness] as const]),
    ...(canary ? [['canary', `${sizeText(canary.size)}, then after ${canary.wait}: ${goesOn}`] as const] : []),
    ...(waves && 'size' in waves ? [['waves', `${sizeText(waves.size)} every ${waves.every}`] as const] : []),
    ...(waves && 'calendar' in waves ? [['waves', `a calendar of ${waves.calendar.length}`] as const] : []),
  ];
}

const sizeText = (size: number | string): string => (typeof size === 'number' ? plural(size, 'message') : size);

export const waveColumns: readonly Column[] = [
  { title: 'wave', align: 'right' },
  { title: 'messages (seq)' },
  { title: 'not before' },
];
const mostShown = 20;

/** The waves as they were sealed, each with when it leaves; of many the first and the last ones. */
export function waveRows(delivery: Scheduled): string[][] {
  const { waves = [] } = delivery.schedule ?? {};
  return shownWaves(waves.length).map((number) => {
    const wave = number === undefined ? undefined : waves[number - 1];
    if (!wave) return ['…', '', ''];
    const { firstSeq, lastSeq, canary, ...when } = wave;
    const range = `${grouped(firstSeq)}–${grouped(lastSeq)}`;
    return [`${number}${canary ? ' (canary)' : ''}`, range, leavesAt(when, delivery)];
  });
}

/** Which wave each of the {@link waveRows} tells of, from 1; undefined where some are left out. */
export function shownWaves(count = 0): (number | undefined)[] {
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  if (numbers.length < 2) return [];
  if (numbers.length <= mostShown) return numbers;
  return [...numbers.slice(0, mostShown - 2), undefined, ...numbers.slice(-1)];
}

function leavesAt({ startsAt, afterMs = 0 }: { startsAt?: string; afterMs?: number }, delivery: Scheduled): string {
  const { timeZone } = delivery.settings.sending;
  if (startsAt !== undefined) return zoned(Date.parse(startsAt), timeZone);
  const start = startOf(delivery);
  if (start !== undefined) return zoned(start + afterMs, timeZone);
  const hours = afterMs / 3_600_000;
  return afterMs === 0 ? 'the start' : `${Number(hours.toFixed(2))}h after the start`;
}

/** When and how fast messages leave once they are confirmed: `at once, at most 100/min (about 50 minutes)`. */
export function sendingWords(delivery: Scheduled): string {
  const { schedule, settings, sealedCount = 0 } = delivery;
  const { rate, canary, timeZone, lateness } = settings.sending;
  const { startsAt, waves = [] } = schedule ?? {};
  const last = waves.at(-1);
  const late = startsAt !== undefined && lateness !== undefined ? `, late by ${lateness} at the most` : '';
  const pace =
    rate === undefined
      ? 'as fast as the relay takes them'
      : `at most ${rate} (about ${roughTime(durationOf(sealedCount, rate) / 1_000)})`;
  return [
    startsAt === undefined ? 'at once' : `from ${zoned(Date.parse(startsAt), timeZone)} on${late}`,
    ...(canary ? [`first ${sizeText(canary.size)} as a canary and after ${canary.wait} the others`] : []),
    ...(waves.length > 1 && last
      ? [`in ${plural(waves.length, 'wave')}, the last one at ${leavesAt(last, delivery)}`]
      : []),
    pace,
  ].join(', ');
}

/** Where a delivery stands in words of its own, where its schedule has some. */
export function standingWords(delivery: Scheduled): string | undefined {
  const { phase, schedule, heldFor, settings } = delivery;
  if (phase === 'paused' && heldFor !== undefined) return `${heldFor}; what is left waits until it is resumed`;
  if (phase !== 'scheduled' || schedule?.startsAt === undefined) return undefined;
  return `confirmed; sending starts at ${zoned(Date.parse(schedule.startsAt), settings.sending.timeZone)}`;
}
