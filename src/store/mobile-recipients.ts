import type { JapaneseMobilesView } from '../delivery/control-rules/views.js';
import type { DeliverySettings } from '../delivery/definition.js';
import { mobileCarriers } from '../delivery/mobile-carriers.js';
import { betweenLetters, ordinaryWord } from '../delivery/mobile-format.js';
import type { Queryable } from './database.js';
import { isRecipient } from './seeds.js';

/** The words and the domains of all operators, each with the operator's id, as two columns of a table. */
function columnsOf(kind: 'words' | 'domains'): [values: string[], carriers: string[]] {
  const rows = Object.entries(mobileCarriers).flatMap(([id, carrier]) =>
    carrier[kind].map((value): [string, string] => [value.replace('*', '%'), id]),
  );
  return [rows.map(([value]) => value), rows.map(([, id]) => id)];
}

const [words, carriersOfWords] = columnsOf('words');
const [domains, carriersOfDomains] = columnsOf('domains');

/** What the operators' domains end in, two labels each. */
const endings = [...new Set(domains.map((domain) => `%${domain.split('.').slice(-2).join('.')}`))];

/**
 * Counts the recipients of an analysed target who read mail on Japanese mobiles, as `compileMobileFormat` tells them. Whose
 * message cannot be made is counted too.
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
         select "row", regexp_replace(lower(fields->>$3 collate "C"), $9, '', 'g') as word
         from profile where revision = $2 and fields ? $3
       ) named on named."row" = m.profile_row
       where m.delivery = $1 and m.proof = 0 and ${isRecipient} and m.revision = $2
         and (m.status = 'pending' or m.reason = 'personalisation-failed')
         and (named.word is not null or m.address like any ($8::text[]))
       group by 1, 2
     ) counted
     left join unnest($4::text[], $5::text[]) as by_word(word, carrier) on by_word.word = counted.word
     left join unnest($6::text[], $7::text[]) as by_domain(pattern, carrier) on counted.domain like by_domain.pattern
     where coalesce(by_word.carrier, by_domain.carrier) <> $10
     group by 1 order by 1`,
    [
      revision.deliveryKey,
      revision.key,
      revision.settings.mobileFormatField,
      [...words, ordinaryWord],
      [...carriersOfWords, ordinaryWord],
      domains,
      carriersOfDomains,
      endings,
      betweenLetters,
      ordinaryWord,
    ],
  );
  return Object.fromEntries(rows.map(({ carrier, count }) => [carrier, count]));
}
