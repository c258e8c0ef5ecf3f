import type { StatusCounts } from '../delivery/message-status.js';
import type { Queryable } from './database.js';
import { isRecipient } from './seeds.js';

/** What became of the messages to one domain. */
export interface DomainStatus {
  /** Empty for all the others together. */
  domain: string;
  messages: number;
  counts: StatusCounts;
}

/** What became of the main target's messages by the recipient's domain: the commonest, and the others together. */
export async function countDomainStatuses(
  database: Queryable,
  deliveryId: string,
  limit: number,
): Promise<DomainStatus[]> {
  const { rows } = await database.query<DomainStatus>(
    `with counted as (
       select split_part(m.address, '@', 2) as domain, m.status, count(*) as messages
       from message m
       where m.delivery = (select key from delivery where id = $1) and m.proof = 0 and m.status <> 'ignored' and ${isRecipient}
       group by 1, 2
     ),
     ranked as (select domain, row_number() over (order by sum(messages) desc, domain) as nth from counted group by domain),
     named as (
       select case when nth <= $2 then nth else $2 + 1 end as nth, case when nth <= $2 then domain else '' end as domain, status,
         sum(messages)::int as messages
       from counted join ranked using (domain) group by 1, 2, 3
     )
     select domain, sum(messages)::int as messages, json_object_agg(status, messages) as counts
     from named group by nth, domain order by nth`,
    [deliveryId, limit],
  );
  return rows;
}
