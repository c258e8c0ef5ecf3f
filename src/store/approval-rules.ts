import { rulesInForce, type ApprovalRules } from '../delivery/approval-policy.js';
import type { JournalEntry } from '../delivery/journal-entry.js';
import type { RevisionSummary } from './deliveries.js';

/** Where a delivery stands, by what is stored of it. */
export interface Standing {
  /** The last revision that the process has taken up. */
  current: RevisionSummary;
  /** Operator who submitted it. */
  author: string;
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
  const owner = first.settings.owner ?? started?.operator ?? first.author;
  return {
    current,
    author: (taken ?? started)?.operator ?? current.author,
    approvalRules: rulesInForce(
      { owner, settings: first.settings.approval },
      { owner: current.settings.owner ?? owner, settings: current.settings.approval },
    ),
  };
}
