import { createHash } from 'node:crypto';
import { substitutedFields } from '../content/substituted-fields.js';
import { parseAddress } from '../delivery/address.js';
import type { SeedLeftOut } from '../delivery/control-rules/views.js';
import type { Profile } from '../delivery/definition.js';
import type { MessageStatus, Reason, StatusCounts } from '../delivery/message-status.js';
import type { SeedAddress } from '../delivery/target-settings.js';
import { copyInto, copyRow, storableValue } from './copy-format.js';
import type { Queryable, Transaction } from './database.js';
import { denies } from './denylist.js';
import type { JudgedRecipients } from './target-draw.js';

/** A source's rows begin with 1: seed N has row -N, so that a row alone says whether it is one. */
export const rowOfSeed = (n: number): number => -n;

/** SQL: what a message's row is told by, `row` of a recipient and `seed` of a seed; the other one is null. */
export const rowOrSeed =
  'nullif(greatest(m.profile_row, 0), 0) as "row", nullif(greatest(-m.profile_row, 0), 0) as seed';

/** SQL: a message of a recipient and not of a seed. */
export const isRecipient = 'm.profile_row > 0';

/**
 * Stores the profiles of a revision's seeds: each has the fields of a recipient, drawn by SHA-256 over `seed:SEED:ROW`,
 * with the seed's own in their place, and the seed's address wherever the recipient's stands in one.
 */
export async function insertSeeds(
  tx: Transaction,
  revisionKey: number,
  seeds: readonly SeedAddress[],
  drawSeed: string,
): Promise<void> {
  if (seeds.length === 0) return;
  const { rows: drawn } = await tx.query<Pick<Profile, 'address' | 'fields'>>(
    `select address, fields from profile where revision = $1 and address <> ''
     order by sha256(convert_to('seed:' || $2::text || ':' || "row", 'UTF8')) limit $3`,
    [revisionKey, drawSeed, seeds.length],
  );
  async function* lines(): AsyncGenerator<string> {
    for (const [index, { address, fields }] of seeds.entries()) {
      const like = drawn[index % Math.max(1, drawn.length)];
      const all = { ...(like && substitutedFields(like.fields, like.address, address)), ...fields };
      yield copyRow([revisionKey, rowOfSeed(index + 1), address, JSON.stringify(storableValue(all))]);
    }
  }
  await copyInto(tx, 'profile (revision, "row", address, fields)', lines());
}

/** @returns a place for each seed: before the recipient of that row, drawn by SHA-256 over `place:SEED:N` */
export function seedPlaces(
  drawSeed: string,
  count: number,
  { first, last }: { first: number; last: number },
): number[] {
  return Array.from({ length: count }, (_, index) => {
    const digest = createHash('sha256')
      .update(`place:${drawSeed}:${index + 1}`)
      .digest();
    return first + (digest.readUIntBE(0, 6) % Math.max(1, last - first + 1));
  });
}

/**
 * Mixes the seeds among the recipients. They are left out for the same reasons, after whom no limit and no draw counts
 * them: a seed who is a recipient already gets no second message.
 *
 * @param judged - with parameters 1–5: delivery, revision, and which exclusions hold (denylisted, quarantined, doubles)
 * @param places - of {@link seedPlaces}
 * @returns SQL with columns `seq`, `row`, `address`, `reason`
 */
export function mixIn(
  judged: JudgedRecipients,
  seeds: readonly SeedAddress[],
  places: readonly number[],
): JudgedRecipients {
  const rows = seeds.map((_, index) => rowOfSeed(index + 1));
  const keys = seeds.map(({ address }) => parseAddress(address)?.key ?? address);
  const at = judged.values.length;
  const sql = `
    with judged as materialized (${judged.sql}), seeds as (
      select s."row", s.place, s.address, row_number() over (partition by s.address order by s."row" desc) as nth
      from unnest($${at + 1}::int[], $${at + 2}::int[], $${at + 3}::text[]) s("row", place, address)
    )
    select row_number() over (order by place, "row")::int as seq, "row", address, reason
    from (
      select seq as place, seq as "row", address, reason from judged
      union all
      select s.place, s."row", s.address, case
        when $3 and exists (select from denylist
          where address = s.address and ${denies('(select sender from revision where key = $2)')}) then 'denylisted'
        when $4 and exists (select from quarantine q where q.address = s.address) then 'quarantined'
        when exists (select from excluded_address x where x.revision = $2 and x.address = s.address) then 'excluded-by-source'
        when $5 and (s.nth > 1 or exists (select from judged j where j.address = s.address and j.reason is null)) then 'double'
      end
      from seeds s
    ) mixed`;
  return { sql, values: [...judged.values, rows, places, keys] };
}

/** @returns the seeds that the analysis left out */
export async function seedsLeftOut(database: Queryable, deliveryId: string): Promise<SeedLeftOut[]> {
  const { rows } = await database.query<{ n: number; reason: Reason; fault: string | null }>(
    `select -m.profile_row as n, m.reason, m.reply as fault from message m join delivery d on d.key = m.delivery
     where d.id = $1 and m.proof = 0 and m.profile_row < 0 and m.status = 'ignored' and m.leaf is null order by n`,
    [deliveryId],
  );
  return rows.map(({ n, reason, fault }) => ({ n, reason, ...(fault !== null && { fault }) }));
}

/** What became of the seeds of the main target. */
export interface SeedCounts {
  /** Their messages under the seal. */
  sealed: number;
  counts: StatusCounts;
}

export async function countSeeds(database: Queryable, deliveryId: string): Promise<SeedCounts> {
  const { rows } = await database.query<{ status: MessageStatus; count: number; sealed: number }>(
    `select m.status, count(*)::int as count, count(m.leaf)::int as sealed from message m join delivery d on d.key = m.delivery
     where d.id = $1 and m.proof = 0 and m.profile_row < 0 group by m.status order by m.status`,
    [deliveryId],
  );
  return {
    sealed: rows.reduce((sum, { sealed }) => sum + sealed, 0),
    counts: Object.fromEntries(rows.map(({ status, count }) => [status, count])),
  };
}

/** Profiles of a revision's seeds, the first one first. */
export async function seedProfiles(database: Queryable, revisionKey: number): Promise<Profile[]> {
  const { rows } = await database.query<Profile>(
    'select "row", address, fields from profile where revision = $1 and "row" < 0 order by "row" desc',
    [revisionKey],
  );
  return rows;
}
