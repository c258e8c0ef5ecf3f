import { instantOf } from '../delivery/contact-date.js';
import type { DeliverySettings } from '../delivery/definition.js';
import { cutsOf, hasSchedule, scheduleOf, type Schedule, type ZoneStart } from '../delivery/waves.js';
import type { Queryable } from './database.js';
import type { ZoneStarts } from './zone-order.js';

interface Revision {
  key: number;
  deliveryKey: number;
  settings: Pick<DeliverySettings, 'sending'>;
}

/** What an analysis makes of the settings of a schedule. */
export interface PlannedSchedule {
  schedule: Schedule;
  /** Recipients whose time zone nobody knows. */
  unknownZones: number;
}

/**
 * The schedule of the messages that the analysis has made.
 *
 * @returns undefined where the definition names none
 */
export async function planSchedule(database: Queryable, revision: Revision): Promise<PlannedSchedule | undefined> {
  const { key, deliveryKey, settings } = revision;
  const { sending } = settings;
  if (!hasSchedule(sending)) return undefined;
  const { rows } = await database.query<{
    firstSeq: number;
    lastSeq: number;
    messages: number;
    zoneStarts: ZoneStarts | null;
  }>(
    `select coalesce(min(seq), 1) as "firstSeq", coalesce(max(seq), 0) as "lastSeq", count(leaf)::int as messages,
       (select zone_starts from revision where key = $2) as "zoneStarts"
     from message where delivery = $1 and proof = 0`,
    [deliveryKey, key],
  );
  const { firstSeq = 1, lastSeq = 0, messages = 0, zoneStarts = null } = rows[0] ?? {};
  const zones = zoneStarts ? await countByZone(database, deliveryKey, zoneStarts) : [];
  const startsAt = zones[0]?.startsAt ?? contactDateOf(sending);
  const target = {
    firstSeq,
    lastSeq,
    messages,
    ...(startsAt !== undefined && { startsAt }),
    ...(zones.length > 0 && { zones }),
  };
  const seqs = await seqsOf(database, deliveryKey, cutsOf(sending, target));
  const schedule = scheduleOf(sending, target, (nth) => seqs.get(nth) ?? lastSeq);
  return { schedule, unknownZones: zoneStarts?.unknown ?? 0 };
}

function contactDateOf({ at, timeZone }: DeliverySettings['sending']): string | undefined {
  return at === undefined || timeZone === undefined ? undefined : new Date(instantOf(at, timeZone)).toISOString();
}

/** Some messages of the computed target may have turned out to be none, and all of a zone. */
async function countByZone(database: Queryable, deliveryKey: number, { starts }: ZoneStarts): Promise<ZoneStart[]> {
  const { rows } = await database.query<{ zone: number; messages: number }>(
    `select width_bucket(seq, $2::int[]) as zone, count(*)::int as messages from message
     where delivery = $1 and proof = 0 and leaf is not null group by 1 order by 1`,
    [deliveryKey, starts.map(({ firstSeq }) => firstSeq)],
  );
  return rows.flatMap(({ zone, messages }) => {
    const start = starts[zone - 1];
    return start ? [{ startsAt: start.startsAt, messages }] : [];
  });
}

/** @returns the sequence numbers of the nth messages, counted from 1 */
async function seqsOf(database: Queryable, deliveryKey: number, nths: readonly number[]): Promise<Map<number, number>> {
  if (nths.length === 0) return new Map();
  const { rows } = await database.query<{ nth: number; seq: number }>(
    `select nth, seq from (
       select seq, row_number() over (order by seq)::int as nth from message
       where delivery = $1 and proof = 0 and leaf is not null
     ) numbered where nth = any ($2::int[])`,
    [deliveryKey, nths],
  );
  return new Map(rows.map(({ nth, seq }) => [nth, seq]));
}
