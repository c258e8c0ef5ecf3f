import { parseAddress } from '../delivery/address.js';
import type { AnalysisView, CountedRows, PersonalisationFault } from '../delivery/control-rules/views.js';
import type { DeliverySettings, Profile } from '../delivery/definition.js';
import type { Reason, ReasonCounts } from '../delivery/message-status.js';
import { targetSchema, type TargetSettings } from '../delivery/target-settings.js';
import { copyInto, copyRow } from './copy-format.js';
import { inTransaction, renewStatistics, type Database, type Queryable, type Transaction } from './database.js';
import { denies } from './denylist.js';
import { forgetSeal } from './preparation.js';
import { analysedOrigins, placeOf } from './profile-origins.js';
import { isRecipient, mixIn, seedPlaces, seedsLeftOut } from './seeds.js';
import { holdOut, type JudgedRecipients } from './target-draw.js';
import { inOrderOfContact, ownContactDates, storeZoneStarts } from './zone-order.js';

interface Revision {
  key: number;
  deliveryKey: number;
  settings: Pick<DeliverySettings, 'target' | 'sending'>;
}

const pageRows = 5_000;
const allExcluded = targetSchema.parse({});

/**
 * Computes the main target of a revision into the ledger: one message a profile, seeds among them, exclusions marked with their reason.
 * Replaces what an earlier analysis left, in one transaction: a kill leaves the earlier one. Where that was of the same
 * revision, whoever gets a message as before keeps its leaf, which {@link readPending} then passes over. What has begun to be sent is
 * not touched: a worker that was stopped and wakes up late would wipe out the record of who got what.
 *
 * @param progress - called with the number of profiles read so far
 * @param anew - no leaf is kept
 * @param signal - aborted, it ends the computation and leaves the earlier target
 * @returns the range of sequence numbers; `lastSeq` < `firstSeq` when the target is empty
 * @throws Error when the delivery has begun to send
 */
export async function computeTarget(
  database: Database,
  revision: Revision,
  progress: (profiles: number) => void,
  { signal, anew = false }: { signal?: AbortSignal; anew?: boolean } = {},
): Promise<{ firstSeq: number; lastSeq: number }> {
  const { target = allExcluded } = revision.settings;
  const range = await inTransaction(
    database,
    async (tx) => {
      const again = !anew && (await isSealedBefore(tx, revision));
      const { rowCount } = await tx.query(
        `update delivery set analysed_revision = $2, approved_seal = null,
           denied_since = case when $3 then '-infinity' else now() end,
           quarantined_since = case when $4 then '-infinity' else now() end
         where key = $1 and not exists (select from batch where delivery = $1 and proof = 0)`,
        [revision.deliveryKey, revision.key, target.exclude.denylisted, target.exclude.quarantined],
      );
      if (!rowCount) throw new Error('this delivery has begun to send: its target is not computed any more');
      await forgetSeal(tx, revision);
      if (!again) await tx.query('delete from message where delivery = $1 and proof = 0', [revision.deliveryKey]);
      await stageTarget(tx, database, revision, progress);
      const dates = await ownContactDates(tx, revision);
      const judgedOnes = await wantedMessages(tx, revision, target);
      const wanted = dates ? inOrderOfContact(judgedOnes, dates) : judgedOnes;
      await (again ? updateMessages(tx, wanted) : insertMessages(tx, wanted));
      if (dates) await storeZoneStarts(tx, revision, dates);
      const { rows } = await tx.query(
        'select coalesce(min(seq), 1) as first, coalesce(max(seq), 0) as last from message where delivery = $1 and proof = 0',
        [revision.deliveryKey],
      );
      return { firstSeq: Number(rows[0].first), lastSeq: Number(rows[0].last) };
    },
    signal,
  );
  // Without fresh statistics the updates by unnest that follow run at a seventh of their speed.
  await renewStatistics(database, 'message');
  return range;
}

/** The target as it was given, with what can be told of each address alone. */
async function stageTarget(
  tx: Transaction,
  database: Database,
  revision: Revision,
  progress: (profiles: number) => void,
): Promise<void> {
  await tx.query('create temp table staged (seq int, address text, reason text) on commit drop');
  async function* lines(): AsyncGenerator<string> {
    let done = 0;
    for await (const page of profilePages(database, revision.key)) {
      for (const { row, address } of page) yield stagedLine(row, address);
      progress((done += page.length));
    }
  }
  await copyInto(tx, 'staged', lines());
  // Without statistics of rows that nobody else sees yet, the planner takes twenty thousand for one.
  await tx.query('analyze staged');
}

function stagedLine(row: number, written: string): string {
  const parsed = written === '' ? undefined : parseAddress(written);
  const reason: Reason | null = parsed ? null : written === '' ? 'address-missing' : 'address-invalid';
  // An address that is none is kept in the profile alone.
  return copyRow([row, parsed?.key ?? '', reason]);
}

/** Exclusions are set operations, in order of precedence: a recipient is left out once, for the first reason that holds. */
async function wantedMessages(tx: Transaction, revision: Revision, target: TargetSettings): Promise<JudgedRecipients> {
  const drawSeed = '(select draw_seed from revision where key = $2)';
  const recipients = holdOut(judged(revision, target.exclude), target, drawSeed);
  return target.seeds?.length
    ? mixIn(recipients, target.seeds, await placesOf(tx, revision, target.seeds.length))
    : { ...recipients, sql: `select seq, seq as "row", address, reason from (${recipients.sql}) recipients` };
}

const statusBy = (reason: string) => `case when ${reason} is null then 'pending' else 'ignored' end::message_status`;

async function insertMessages(tx: Transaction, { sql, values }: JudgedRecipients): Promise<void> {
  await tx.query(
    `insert into message (delivery, proof, seq, revision, profile_row, address, status, reason)
     select $1, 0, seq, $2, "row", address, ${statusBy('reason')}, reason from (${sql}) wanted`,
    [...values],
  );
}

/** Of who gets a message as before, the leaf stays: nothing that it is made from can have changed. */
async function updateMessages(tx: Transaction, { sql, values }: JudgedRecipients): Promise<void> {
  await tx.query(
    `update message m set status = ${statusBy('w.reason')}, reason = w.reason, reply = null, leaf = null
     from (${sql}) w
     where m.delivery = $1 and m.proof = 0 and m.seq = w.seq and m.reason is distinct from w.reason`,
    [...values],
  );
}

/** Whether the ledger holds this very revision's messages, made with this Node's language data. */
async function isSealedBefore(tx: Transaction, { key, deliveryKey }: Revision): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select 1 from delivery d join revision r on r.key = d.analysed_revision
     where d.key = $1 and r.key = $2 and r.seal is not null and r.sealed_icu = $3`,
    [deliveryKey, key, process.versions.icu],
  );
  return rowCount === 1;
}

async function placesOf(tx: Transaction, { key }: Revision, count: number): Promise<number[]> {
  const { rows } = await tx.query<{ seed: string; first: number; last: number }>(
    `select (select draw_seed from revision where key = $1) as seed, coalesce(min(seq), 1) as first, coalesce(max(seq), 0) as last
     from staged`,
    [key],
  );
  const [range] = rows;
  return range ? seedPlaces(range.seed, count, range) : [];
}

function judged({ deliveryKey, key }: Revision, exclude: TargetSettings['exclude']): JudgedRecipients {
  const sql = `
    select seq, address, coalesce(reason, case when $5 and nth > 1 then 'double' end) as reason
    from (
      select seq, address, reason, row_number() over (partition by address, reason order by seq) as nth
      from (
        select s.seq, s.address, coalesce(s.reason, case when d.address is not null then 'denylisted'
          when q.address is not null then 'quarantined'
          when x.address is not null then 'excluded-by-source' end) as reason
        from staged s
        left join (
          select distinct address from denylist
          where $3 and ${denies('(select sender from revision where key = $2)')}
        ) d on d.address = s.address
        left join quarantine q on $4 and q.address = s.address
        left join (select distinct address from excluded_address where revision = $2) x on x.address = s.address
      ) judged_alone
    ) counted`;
  return { sql, values: [deliveryKey, key, exclude.denylisted, exclude.quarantined, exclude.doubles] };
}

async function* profilePages(database: Queryable, revisionKey: number) {
  let after = 0;
  for (;;) {
    const { rows } = await database.query<{ row: number; address: string }>(
      'select "row", address from profile where revision = $1 and "row" > $2 order by "row" limit $3',
      [revisionKey, after, pageRows],
    );
    const last = rows.at(-1);
    if (!last) return;
    after = last.row;
    yield rows;
  }
}

/** Recipients that the analysis left out of the main target, by reason. */
export async function countExclusions(database: Queryable, deliveryId: string): Promise<ReasonCounts> {
  const { rows } = await database.query<{ reason: Reason; count: number }>(
    `select m.reason, count(*)::int as count from message m join delivery d on d.key = m.delivery
     where d.id = $1 and m.proof = 0 and ${isRecipient} and m.leaf is null and m.status = 'ignored' group by m.reason order by m.reason`,
    [deliveryId],
  );
  return Object.fromEntries(rows.map(({ reason, count }) => [reason, count]));
}

/** @returns the first recipient of a revision's main target for whom a message was made; undefined before its analysis */
export async function firstRecipient(
  database: Queryable,
  deliveryId: string,
  revisionKey: number,
): Promise<(Profile & { seq: number }) | undefined> {
  const { rows } = await database.query<Profile & { seq: number }>(
    // The message first, whatever the planner knows of a target that has just come in.
    `select p."row", m.seq, m.address, p.fields
     from (
       -- Not a join: see \`ledgerRows\`.
       select m.seq, m.address, m.revision, m.profile_row from message m
       where m.delivery = (select key from delivery where id = $1) and m.proof = 0 and ${isRecipient} and m.revision = $2
         and m.leaf is not null order by m.seq limit 1
     ) m
     join profile p on p.revision = m.revision and p."row" = m.profile_row`,
    [deliveryId, revisionKey],
  );
  return rows[0];
}

/** What the control rules see of an analysed target. */
type AnalysisSummary = Pick<
  AnalysisView,
  'messages' | 'excluded' | 'personalisationFaults' | 'caseDoubles' | 'seedsLeftOut'
>;

export async function summariseAnalysis(database: Queryable, deliveryId: string): Promise<AnalysisSummary> {
  const { rows } = await database.query<Pick<AnalysisView, 'messages' | 'caseDoubles'>>(
    `select (select count(*)::int from message m where delivery = d.key and proof = 0 and ${isRecipient} and status = 'pending') as messages,
       (select jsonb_build_object('count', coalesce(sum(others), 0),
                                  'rows', coalesce(jsonb_agg("row" order by "row") filter (where nth <= 10), '[]'))
        from (
          select count(distinct address) - 1 as others, max(profile_row) as "row", row_number() over (order by max(seq)) as nth
          from message m where delivery = d.key and proof = 0 and ${isRecipient} and status = 'pending'
          group by lower(address) having count(distinct address) > 1
        ) folded) as "caseDoubles"
     from delivery d where d.id = $1`,
    [deliveryId],
  );
  const origins = await analysedOrigins(database, deliveryId);
  const placed = <T extends CountedRows>(counted: T): T => ({
    ...counted,
    rows: counted.rows.map((row) => (typeof row === 'number' ? placeOf(origins, row) : row)),
  });
  return {
    messages: rows[0]?.messages ?? 0,
    caseDoubles: placed(rows[0]?.caseDoubles ?? { count: 0, rows: [] }),
    personalisationFaults: (await personalisationFaults(database, deliveryId)).map(placed),
    excluded: await countExclusions(database, deliveryId),
    seedsLeftOut: await seedsLeftOut(database, deliveryId),
  };
}

async function personalisationFaults(database: Queryable, deliveryId: string): Promise<PersonalisationFault[]> {
  const { rows } = await database.query<PersonalisationFault>(
    `select reply as fault, count(*)::int as count, array_agg(profile_row order by seq) filter (where nth <= 10) as rows
     from (
       select m.reply, m.profile_row, m.seq, row_number() over (partition by m.reply order by m.seq) as nth
       from message m join delivery d on d.key = m.delivery
       where d.id = $1 and m.proof = 0 and ${isRecipient} and m.reason = 'personalisation-failed'
     ) failed
     group by reply order by count(*) desc, reply limit 20`,
    [deliveryId],
  );
  return rows;
}
