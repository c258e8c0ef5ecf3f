import { instantOf } from '../delivery/contact-date.js';
import type { DeliverySettings } from '../delivery/definition.js';
import { isTimeZone } from '../delivery/wall-clock.js';
import type { Transaction } from './database.js';
import { isRecipient } from './seeds.js';
import type { JudgedRecipients } from './target-draw.js';

/** Where the messages of a target begin that have one contact date, in order. */
export interface ZoneStarts {
  /** `startsAt` is ISO 8601. */
  starts: { startsAt: string; firstSeq: number }[];
  /** Recipients whose time zone nobody knows. */
  unknown: number;
}

/** The recipients' own time zones, and when their contact date is. */
interface OwnContactDates {
  field: string;
  /** ISO 8601: of who has no time zone, or an unknown one. */
  otherwise: string;
  zones: string[];
  startsAt: string[];
}

/** @returns undefined where all recipients have one contact date */
export async function ownContactDates(
  tx: Transaction,
  revision: { key: number; settings: Pick<DeliverySettings, 'sending'> },
): Promise<OwnContactDates | undefined> {
  const { at, timeZone, recipientTimeZoneField: field } = revision.settings.sending;
  if (at === undefined || timeZone === undefined || field === undefined) return undefined;
  const { rows } = await tx.query<{ zone: string }>(
    'select distinct fields->>$2 as zone from profile where revision = $1 and fields->>$2 is not null',
    [revision.key, field],
  );
  const zones = rows.map(({ zone }) => zone).filter((zone) => isTimeZone(zone.trim()));
  const iso = (zone: string): string => new Date(instantOf(at, zone.trim())).toISOString();
  return { field, otherwise: iso(timeZone), zones, startsAt: zones.map(iso) };
}

/**
 * Numbers the messages of a target by the contact dates of their recipients, so that a wave is a range of numbers.
 *
 * @param wanted - with columns `seq`, `row`, `address`, `reason`, and the revision as its second parameter
 */
export function inOrderOfContact(
  wanted: JudgedRecipients,
  { field, otherwise, zones, startsAt }: OwnContactDates,
): JudgedRecipients {
  const at = wanted.values.length;
  const sql = `
    select row_number() over (order by coalesce(z.starts_at, $${at + 4}::timestamptz), w.seq)::int as seq,
      w."row", w.address, w.reason
    from (${wanted.sql}) w
    join profile p on p.revision = $2 and p."row" = w."row"
    left join unnest($${at + 1}::text[], $${at + 2}::timestamptz[]) z(zone, starts_at) on z.zone = p.fields->>$${at + 3}`;
  return { sql, values: [...wanted.values, zones, startsAt, field, otherwise] };
}

/** Keeps where each contact date begins in the target that was written just now. */
export async function storeZoneStarts(
  tx: Transaction,
  { key, deliveryKey }: { key: number; deliveryKey: number },
  { field, otherwise, zones, startsAt }: OwnContactDates,
): Promise<void> {
  const { rows } = await tx.query<{ at: Date; firstSeq: number; unknown: number }>(
    `select coalesce(z.starts_at, $6::timestamptz) as at, min(m.seq) as "firstSeq",
       count(*) filter (where z.zone is null and ${isRecipient} and btrim(p.fields->>$5) <> '')::int as unknown
     from message m join profile p on p.revision = m.revision and p."row" = m.profile_row
     left join unnest($3::text[], $4::timestamptz[]) z(zone, starts_at) on z.zone = p.fields->>$5
     where m.delivery = $1 and m.revision = $2 and m.proof = 0 and m.status = 'pending' group by 1 order by 1`,
    [deliveryKey, key, zones, startsAt, field, otherwise],
  );
  const found: ZoneStarts = {
    starts: rows.map(({ at, firstSeq }) => ({ startsAt: at.toISOString(), firstSeq })),
    unknown: rows.reduce((sum, { unknown }) => sum + unknown, 0),
  };
  await tx.query('update revision set zone_starts = $2 where key = $1', [key, JSON.stringify(found)]);
}
