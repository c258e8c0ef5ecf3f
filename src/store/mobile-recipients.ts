import { mobileCarriers } from '../delivery/control-rules/japanese-mobile-carriers.js';
import type { JapaneseMobilesView } from '../delivery/control-rules/views.js';
import type { DeliverySettings } from '../delivery/definition.js';
import type { Queryable } from './database.js';
import { isRecipient } from './seeds.js';

/** The words and the domains of all operators, each with the operator's id, as two columns of a table. */
function columnsOf(kind: 'words' | 'domains'): [values: string[], carriers: string[]] {
  const rows = Object.entries(mobileCarriers).flatMap(([id, carrier]) =>
    carrier[kind].map((value): [string, string] => [value.replace('*', '%'), id]),
  );
  return [rows.map(([value]) => value), rows.map(([, id]) => id)];
}

/** What the operators' domains end in, two labels each. */
const endings = [...new Set(columnsOf('domains')[0].map((domain) => `%${domain.split('.').slice(-2).join('.')}`))];

/**
 * Counts the recipients of an analysed target who read mail on Japanese mobiles: by what the profile names, else by the
 * domain of the address.
 */
export async function countMobileRecipients(
  database: Queryable,
  revision: { key: number; deliveryKey: number; settings: Pick<DeliverySettings, 'mobileFormatField'> },
): Promise<JapaneseMobilesView['recipients']> {
  const { rows } = await database.query<{ carrier: string; count: number }>(
    // Few recipients have the field or such an ending: nothing is done about the others.
    `select coalesce(by_word.carrier, by_domain.carrier) as carrier, sum(counted.count)::int as count
     from (
       select named.word, split_part(m.address, '@', 2) as domain, count(*) as count
       from message m
       left join (
         select "row", regexp_replace(lower(fields->>$3), '[[:space:]_-]', '', 'g') as word
         from profile where revision = $2 and fields ? $3
       ) named on named."row" = m.profile_row
       where m.delivery = $1 and m.proof = 0 and ${isRecipient} and m.revision = $2 and m.status = 'pending'
         and (named.word is not null or m.address like any ($8::text[]))
       group by 1, 2
     ) counted
     left join unnest($4::text[], $5::text[]) as by_word(word, carrier) on by_word.word = counted.word
     left join unnest($6::text[], $7::text[]) as by_domain(pattern, carrier) on counted.domain like by_domain.pattern
     where by_word.carrier is not null or by_domain.carrier is not null
     group by 1 order by 1`,
    [
      revision.deliveryKey,
      revision.key,
      revision.settings.mobileFormatField,
      ...columnsOf('words'),
      ...columnsOf('domains'),
      endings,
    ],
  );
  return Object.fromEntries(rows.map(({ carrier, count }) => [carrier, count]));
}
