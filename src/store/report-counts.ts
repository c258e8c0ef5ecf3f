import type { Profile } from '../delivery/definition.js';
import type { Queryable } from './database.js';
import { isRecipient } from './seeds.js';

/** A revision whose analysis is in the ledger. */
export interface AnalysedRevision {
  key: number;
  deliveryKey: number;
}

/** The recipients' messages under the seal. Who was left out after it keeps the leaf: a report is the same before and after sending. */
const sealed = `m.delivery = $1 and m.proof = 0 and m.revision = $2 and m.leaf is not null and ${isRecipient}`;

/** @returns whether the ledger's messages are those of this revision */
export async function isAnalysed(database: Queryable, { deliveryKey, key }: AnalysedRevision): Promise<boolean> {
  const { rowCount } = await database.query('select 1 from delivery where key = $1 and analysed_revision = $2', [
    deliveryKey,
    key,
  ]);
  return rowCount === 1;
}

export interface DomainCounts {
  /** The commonest first. */
  top: { domain: string; messages: number }[];
  /** All others together. */
  rest: { domains: number; messages: number };
}

/** Messages by the recipient's domain: the commonest, and the others together. */
export async function countDomains(
  database: Queryable,
  { deliveryKey, key }: AnalysedRevision,
  limit: number,
): Promise<DomainCounts> {
  const { rows } = await database.query<DomainCounts>(
    `with ranked as (
       select split_part(m.address, '@', 2) as domain, count(*) as messages,
         row_number() over (order by count(*) desc, split_part(m.address, '@', 2)) as nth
       from message m where ${sealed} group by 1
     )
     select
       coalesce(json_agg(json_build_object('domain', domain, 'messages', messages) order by nth)
         filter (where nth <= $3), '[]') as top,
       json_build_object('domains', count(*) filter (where nth > $3),
         'messages', coalesce(sum(messages) filter (where nth > $3), 0)) as rest
     from ranked`,
    [deliveryKey, key, limit],
  );
  return rows[0] ?? { top: [], rest: { domains: 0, messages: 0 } };
}

/** Recipients who have the same in two of their fields, and which messages they get. */
export interface PreferenceGroup {
  /** As written, in full where it is no longer than 100 characters; null for who lacks the field. */
  language: string | null;
  textOnly: boolean;
  messages: number;
  first: number;
}

/** Which messages there are, and whose recipients have the least and the most data. */
export interface MessageRange {
  messages: number;
  first: number;
  last: number;
  leastData: number;
  mostData: number;
}

/** Nobody writes in more languages; what is beyond are typing errors. */
const maxGroups = 500;

/**
 * Goes through all messages and their recipients once.
 *
 * @param fields - names of the fields for language and format, and what stands in the latter for text alone
 * @returns all messages together, and by what their recipients' fields say, the commonest first; undefined where nothing
 *   is under the seal
 */
export async function surveyMessages(
  database: Queryable,
  { deliveryKey, key }: AnalysedRevision,
  fields: { language: string; format: string; textWords: readonly string[] },
): Promise<{ range: MessageRange; groups: PreferenceGroup[] } | undefined> {
  const { rows } = await database.query<PreferenceGroup & MessageRange>(
    `select language, "textOnly", count(*)::int as messages, min(seq) as first, max(seq) as last,
       (min(array[size, seq]))[2] as "leastData", -(max(array[size, -seq]))[2] as "mostData"
     from (
       select m.seq, pg_column_size(p.fields) as size, left(p.fields->>$3, 100) as language,
         coalesce(lower(btrim(p.fields->>$4, E' \\t\\r\\n\\u00a0')) = any($5::text[]), false) as "textOnly"
       from message m join profile p on p.revision = m.revision and p."row" = m.profile_row where ${sealed}
     ) surveyed
     group by grouping sets ((), (language, "textOnly"))
     order by grouping(language) desc, messages desc, first limit ${maxGroups}`,
    [deliveryKey, key, fields.language, fields.format, fields.textWords],
  );
  const [range, ...groups] = rows;
  return range && range.messages > 0 ? { range, groups } : undefined;
}

/** What a message under the seal is made from once more. */
export interface DrawnMessage extends Profile {
  seq: number;
  leaf: Buffer;
}

/** @returns for each sequence number its message, or the next one that is under the seal; each once, in order */
export async function drawMessages(
  database: Queryable,
  { deliveryKey, key }: AnalysedRevision,
  seqs: readonly number[],
): Promise<DrawnMessage[]> {
  const { rows } = await database.query<DrawnMessage>(
    `select distinct on (m.seq) m.seq, m.address, m.leaf, p."row", p.fields
     from unnest($3::int[]) as drawn(seq)
     cross join lateral (
       select m.* from message m where ${sealed} and m.seq >= drawn.seq order by m.seq limit 1
     ) m
     join profile p on p.revision = m.revision and p."row" = m.profile_row
     order by m.seq`,
    [deliveryKey, key, seqs],
  );
  return rows;
}

/** @returns the sequence numbers of the first messages under the seal */
export async function firstSeqs(
  database: Queryable,
  { deliveryKey, key }: AnalysedRevision,
  limit: number,
): Promise<number[]> {
  const { rows } = await database.query<{ seq: number }>(
    `select m.seq from message m where ${sealed} order by m.seq limit $3`,
    [deliveryKey, key, limit],
  );
  return rows.map(({ seq }) => seq);
}
