import type { Pool } from 'pg';

/**
 * Makes a delivery that is there large: rows of target and ledger as a sending of so many would leave them, without having
 * sent it. Its seal is none of theirs, which no page looks at; no worker may run.
 *
 * @param sent - the ledger is that of a sending under way: of each hundred 88 are sent, 2 failed, 1 is in doubt, 3 are to be
 *   tried again, 3 wait, and 3 were left out
 */
export async function enlarge(database: Pool, id: string, recipients: number, sent: boolean): Promise<void> {
  const { rows } = await database.query<{ delivery: number; revision: string; first: number }>(
    `select d.key as delivery, d.analysed_revision as revision, r.profiles as first
     from delivery d join revision r on r.key = d.analysed_revision where d.id = $1`,
    [id],
  );
  const [found] = rows;
  if (!found) throw new Error(`delivery ${id} is not analysed`);
  const { delivery, revision, first } = found;
  await database.query(
    `insert into profile (revision, "row", address, fields)
     select $1, n, 'person' || n || '@' || (array['shop', 'garden', 'mail', 'post'])[1 + n % 4] || n % 40 || '.example',
       jsonb_build_object('first_name', 'Name' || n % 997, 'city', 'City' || n % 89, 'points', n * 37 % 1000)
     from generate_series($2::int + 1, $3::int) n`,
    [revision, first, recipients],
  );
  await database.query(
    `insert into message (delivery, proof, seq, revision, profile_row, address, status, reason, leaf, attempts,
       first_claimed_at, settled_at, next_attempt_at, reply)
     select $1, 0, n, $2, n, p.address, s.status::message_status, case s.status when 'failed' then 'address-unknown'
         when 'retrying' then 'unreachable' when 'ignored' then 'denylisted' end,
       case when s.status <> 'ignored' then decode(repeat(md5(n::text), 2), 'hex') end,
       case when s.status in ('pending', 'ignored') then 0 else 1 end,
       case when s.status not in ('pending', 'ignored') then now() end,
       case when s.status in ('sent', 'failed', 'in-doubt') then now() end,
       case when s.status = 'retrying' then now() + interval '1 hour' end,
       case s.status when 'sent' then '250 2.0.0 Ok: queued as ' || md5(n::text) when 'failed' then '550 5.1.1 no such user'
         when 'retrying' then '451 4.7.1 try again later' end
     from profile p, lateral (select p."row" as n) r, lateral (select case
       when n % 100 = 57 then 'ignored' when not $4 then 'pending' when n % 100 in (13, 71) then 'ignored'
       when n % 100 in (7, 33) then 'failed' when n % 100 = 99 then 'in-doubt' when n % 100 in (1, 2, 3) then 'retrying'
       when n % 100 in (4, 5, 6) then 'pending' else 'sent' end as status) s
     where p.revision = $2 and p."row" > $3`,
    [delivery, revision, first, sent],
  );
  await database.query(
    `insert into attempt (delivery, proof, seq, number, at, outcome, reason, reply)
     select delivery, proof, seq, 1, now(), case status when 'failed' then 'rejected' when 'in-doubt' then 'in-doubt' else 'deferred' end,
       reason, reply
     from message where delivery = $1 and proof = 0 and seq > $2 and status in ('failed', 'in-doubt', 'retrying')`,
    [delivery, first],
  );
  await database.query('update revision set profiles = $2, sealed_count = $2 - $2 / 100 where key = $1', [
    revision,
    recipients,
  ]);
}
