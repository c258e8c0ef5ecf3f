import { rulesInForce, type ApprovalRules } from '../delivery/approval-policy.js';
import type { JournalEntry } from '../delivery/journal-entry.js';
import type { Queryable } from './database.js';
import type { RevisionSummary } from './deliveries.js';

/** Where a delivery stands, by what is stored of it. */
export interface Standing {
  /** The last revision that the process has taken up. */
  current: RevisionSummary;
  /** Operator who submitted it. */
  author: string;
  /** With a signature, whatever it is worth. */
  authorSigned: boolean;
  /** What its approval demands; two where a revision has changed what the delivery was started under. */
  approvalRules: ApprovalRules[];
}

/**
 * @param revisions - of one delivery, the latest first, at least one
 * @param journal - of the same, in order
 */
export function standingOf(
  [latest, ...older]: readonly [RevisionSummary, ...RevisionSummary[]],
  journal: readonly JournalEntry[],
): Standing {
  const first = older.at(-1) ?? latest;
  const started = journal.find(({ kind }) => kind === 'started');
  const taken = journal.findLast(({ kind, accepted }) => kind === 'revise' && accepted === true);
  const current = [latest, ...older].find(({ hash }) => hash === taken?.revision) ?? first;
  const submitted = taken ?? started;
  const owner = first.settings.owner ?? started?.operator ?? first.author;
  return {
    current,
    author: submitted?.operator ?? current.author,
    authorSigned: submitted?.signature !== undefined,
    approvalRules: rulesInForce(
      { owner, settings: first.settings.approval },
      { owner: current.settings.owner ?? owner, settings: current.settings.approval },
    ),
  };
}

/** @returns hash of the revision that a proof shows, by the journal; undefined where it tells of no such proof */
export async function findProofed(database: Queryable, deliveryId: string, proof: number): Promise<string | undefined> {
  const { rows } = await database.query<{ revision: string }>(
    `select j.data->>'revision' as revision from journal j join delivery d on d.key = j.delivery
     where d.id = $1 and j.kind = 'proof' and j.data->'proof' = to_jsonb($2::int) order by j.n desc limit 1`,
    [deliveryId, proof],
  );
  return rows[0]?.revision;
}

/** @returns what a decision on a seal is about beside it: the last analysis that came to it, by the journal */
export async function findSealed(
  database: Queryable,
  deliveryId: string,
  seal: string,
): Promise<{ revision: string; sealedAt: string; inDoubt: 'hold' | 'resend' } | undefined> {
  const { rows } = await database.query<{ revision: string; at: Date; inDoubt: 'hold' | 'resend' }>(
    `select r.hash as revision, j.at, r.settings #>> '{sending,inDoubt}' as "inDoubt"
     from journal j join delivery d on d.key = j.delivery
     join revision r on r.delivery = d.key and r.hash = j.data->>'revision'
     where d.id = $1 and j.kind = 'sealed' and j.data->>'seal' = $2 order by j.n desc limit 1`,
    [deliveryId, seal],
  );
  return rows[0] && { revision: rows[0].revision, sealedAt: rows[0].at.toISOString(), inDoubt: rows[0].inDoubt };
}
