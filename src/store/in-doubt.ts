import { decidersOf } from '../delivery/approval-policy.js';
import { isFinal, type Phase } from '../delivery/phase.js';
import type { Priority } from '../delivery/priority.js';
import type { Resolution, ResolutionResult } from '../delivery/resolution.js';
import { validityEnd } from '../delivery/validity.js';
import { wavesToSend, type Schedule, type Wave } from '../delivery/waves.js';
import { standingOf, type Standing } from './approval-rules.js';
import { inTransaction, type Database, type Transaction } from './database.js';
import { findDelivery, listRevisions } from './deliveries.js';
import { insertJournalEntries, readJournal } from './journal.js';

/** What has to be sent again when the delivery has ended already: nobody else looks after it. */
export interface ResendRange {
  firstSeq: number;
  lastSeq: number;
  batchSize: number;
  validityMs: number;
  priority?: Priority;
  /** Batches are cut as they were at first: an attempt that wakes up late must find its batch taken over. */
  waves?: Wave[];
}

/**
 * Judges a decision on messages in doubt and carries it out in the ledger, with its entry in the journal, in one
 * transaction. The same decision again, by its id, has no effect and the same answer.
 *
 * @param now - milliseconds since the epoch, the workflow's clock
 * @param isEnhanced - whether a relay has retries of its own
 */
export async function resolveInDoubt(
  database: Database,
  resolution: Resolution,
  now: number,
  isEnhanced: (relay: string) => boolean,
): Promise<ResolutionResult & { resend?: ResendRange }> {
  return await inTransaction(database, async (tx) => {
    const { deliveryId, id } = resolution;
    // Claims wait for it, and so does whatever ends the delivery.
    const { rows } = await tx.query<{ key: number; broken: boolean }>(
      'select key, broken_seq is not null as broken from delivery where id = $1 for update',
      [deliveryId],
    );
    const { key, broken = false } = rows[0] ?? {};
    const summary = await findDelivery(tx, deliveryId);
    const [latest, ...older] = await listRevisions(tx, deliveryId);
    if (key === undefined || !summary || !latest) return refused('there is no such delivery');
    const journal = await readJournal(tx, deliveryId);
    const known = journal.find((entry) => entry.command === id);
    const standing = standingOf([latest, ...older], journal);
    const ended = journal.some(({ kind }) => kind === 'ended');
    const state = { phase: summary.phase, ended, broken, now };
    const reason = known ? known.reason : await refusal(tx, key, resolution, standing, state);
    const seqs = known || reason !== undefined ? [] : await change(tx, key, resolution, now);
    const messages = known?.counts?.['messages'] ?? seqs.length;
    if (!known) await insertJournalEntries(tx, key, [entryOf(resolution, reason, messages, now)]);
    if (reason !== undefined) return refused(reason);
    const afterwards = resolution.verdict === 'resend' && isFinal(summary.phase);
    return {
      accepted: true,
      messages,
      ...(afterwards ? { resend: await rangeOf(tx, key, standing, { now, isEnhanced }) } : {}),
    };
  });
}

const refused = (reason: string): ResolutionResult => ({ accepted: false, reason, messages: 0 });

async function refusal(
  tx: Transaction,
  key: number,
  { operator, verdict, messages }: Resolution,
  { approvalRules, current }: Standing,
  { phase, ended, broken, now }: { phase: Phase; ended: boolean; broken: boolean; now: number },
): Promise<string | undefined> {
  if (!approvalRules.some((rules) => decidersOf(rules).includes(operator))) {
    return `operator "${operator}" is neither the owner nor one of the approvers`;
  }
  if (verdict === 'resend') {
    if (isFinal(phase) && phase !== 'finished') return `the delivery is ${phase}: nothing leaves`;
    if (broken) return 'its seal is broken: nothing leaves';
    const { validUntil } = current.settings.sending;
    if (validUntil !== undefined && Date.parse(validUntil) <= now)
      return `its validity ended at ${validUntil}: nothing is tried any more`;
    if (isFinal(phase) && !ended) return 'the delivery is just ending: give the decision again in a moment';
  }
  const { rows } = await tx.query<{ seq: number }>(
    `select seq from message where delivery = $1 and proof = 0 and status = 'in-doubt'`,
    [key],
  );
  if (rows.length === 0) return 'no message is in doubt';
  const inDoubt = new Set(rows.map(({ seq }) => seq));
  const others = messages === 'all' ? [] : messages.filter((seq) => !inDoubt.has(seq));
  return others.length === 0 ? undefined : `not in doubt: ${others.slice(0, 10).join(', ')}; nothing was changed`;
}

/** @returns the sequence numbers that it changed */
async function change(tx: Transaction, key: number, { verdict, messages }: Resolution, now: number): Promise<number[]> {
  const { rows } = await tx.query<{ seq: number }>(
    `update message set
       status = case $2 when 'sent' then 'sent' when 'resend' then 'retrying' else 'failed' end::message_status,
       reason = case when $2 = 'give-up' then 'unreachable' end,
       next_attempt_at = case when $2 = 'resend' then $4::timestamptz end,
       possible_duplicate = possible_duplicate or $2 = 'resend',
       reply = left('resolved as ' || $2 || coalesce('; ' || reply, ''), 500)
     where delivery = $1 and proof = 0 and status = 'in-doubt' and ($3::int[] is null or seq = any ($3))
     returning seq`,
    [key, verdict, messages === 'all' ? null : messages, new Date(now)],
  );
  return rows.map(({ seq }) => seq);
}

async function rangeOf(
  tx: Transaction,
  key: number,
  { current }: Standing,
  { now, isEnhanced }: { now: number; isEnhanced: (relay: string) => boolean },
): Promise<ResendRange> {
  const { rows } = await tx.query<{ first: number; last: number; schedule: Schedule | null }>(
    `select min(seq) as first, max(seq) as last, (select schedule from revision where key = $2) as schedule
     from message where delivery = $1 and proof = 0`,
    [key, current.key],
  );
  const { sending, relay } = current.settings;
  const { batchSize, priority } = sending;
  const { first = 1, last = 0, schedule } = rows[0] ?? {};
  const waves = wavesToSend(schedule ?? undefined);
  return {
    firstSeq: first,
    lastSeq: last,
    batchSize,
    validityMs: validityEnd({ sending, enhancedRelay: isEnhanced(relay) }, now) - now,
    ...(priority && { priority }),
    ...(waves && { waves }),
  };
}

function entryOf(
  { operator, verdict, comment, id }: Resolution,
  reason: string | undefined,
  messages: number,
  now: number,
): Parameters<typeof insertJournalEntries>[2][number] {
  return {
    at: new Date(now).toISOString(),
    kind: 'in-doubt',
    operator,
    verdict,
    command: id,
    accepted: reason === undefined,
    counts: { messages },
    ...(reason === undefined ? {} : { reason }),
    ...(comment === undefined ? {} : { comment }),
  };
}
