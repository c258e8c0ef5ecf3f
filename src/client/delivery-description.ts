import type { ApprovalRules, Decision } from '../delivery/approval-policy.js';
import type { DeliverySettings } from '../delivery/definition.js';
import type { Finding } from '../delivery/finding.js';
import { archiveCopies } from '../delivery/message-key.js';
import type { JournalEntry } from '../delivery/journal-entry.js';
import type { ReasonCounts, StatusCounts } from '../delivery/message-status.js';
import type { Phase } from '../delivery/phase.js';
import type { Schedule } from '../delivery/waves.js';
import type { Mailbox } from '../mime/header-value.js';
import { compileShown } from '../mime/shown-message.js';
import type { Queryable } from '../store/database.js';
import { standingOf } from '../store/approval-rules.js';
import { delegationsAt } from '../store/delegations.js';
import { findDelivery, listRevisions, type RevisionSummary } from '../store/deliveries.js';
import { readFindings } from '../store/findings.js';
import { readJournal } from '../store/journal.js';
import { countStatuses, findBrokenSeal, openReplies } from '../store/progress.js';
import { proofExclusions } from '../store/proofs.js';
import type { ProfileOrigin } from '../store/profile-origins.js';
import { readRevision } from '../store/revisions.js';
import { listOperators } from '../store/operators.js';
import { countSeeds, type SeedCounts } from '../store/seeds.js';
import { countExclusions, firstRecipient } from '../store/target.js';
import { describeDryRun, type DryRunDescription } from './dry-run-description.js';
import { DeliveryNotFoundError } from './errors.js';
import { proofLog, proofReviews, type ProofDescription, type ProofReview } from './proof-log.js';
import { pendingDecisionOf, type PendingDecision } from './pending-decision.js';

/** A delivery without what only a look at all of its messages tells. */
export interface DeliveryStanding {
  id: string;
  name: string;
  phase: Phase;
  /** ISO 8601. */
  createdAt: string;
  /** The current revision: the last one that the process has taken up. */
  revision: string;
  /** Operator who submitted it. */
  author: string;
  /** The author's own key has signed for it; else who submitted it is claimed. */
  authorSigned: boolean;
  /** What its approval demands; two where a revision has changed what the delivery was started under. */
  approvalRules: ApprovalRules[];
  settings: DeliverySettings;
  /** What random draws go by where the settings name no seed. */
  drawSeed?: string;
  /** Rows of the target's sources. */
  profiles: number;
  /** The sources, where there are several: `rowsBefore` of the target's rows stand before each. */
  origins?: ProfileOrigin[];
  /** What was asked of databases for the recipients. */
  queries: RevisionSummary['queries'];
  /** Of the current revision, once it is analysed. */
  seal?: string;
  /** Messages under the seal, those to seeds included. */
  sealedCount?: number;
  /** When messages leave, as it was sealed; absent where the definition names no schedule. */
  schedule?: Schedule;
  /** When sending has started, ISO 8601. */
  sendingSince?: string;
  /** Why it has paused by itself: what is left leaves once it is resumed. */
  heldFor?: string;
  /** What the first recipient of the main target sees of the envelope, once the revision is analysed. */
  sample?: { row: number; subject: string; from: Mailbox; replyTo?: Mailbox };
  /** Attachments and inline images of every message; `bytes` before they are encoded. */
  files: { name: string; bytes: number }[];
  /** While it awaits its decision. */
  pendingDecision?: PendingDecision;
  findings: Finding[];
  /** The message that no longer matched what was sealed: nothing more was sent from then on. */
  brokenSeal?: { seq: number; row: number };
  /** Decisions in order, the refused ones with their reason. */
  decisions: Decision[];
  proofs: ProofDescription[];
  /** Reviewers' words on proofs in order, the refused ones with their reason. */
  reviews: ProofReview[];
  /** Hashes of all revisions, the latest first. */
  revisions: Pick<RevisionSummary, 'hash' | 'author' | 'createdAt'>[];
  journal: JournalEntry[];
}

/** What a look at all messages of a delivery tells. */
export interface DeliveryFigures {
  /** Recipients left out, by reason. */
  excluded: ReasonCounts;
  /** What relays said of messages that are still to be sent, the commonest first. */
  heldUpBy: { reply: string; messages: number }[];
  /** Messages of the main target by status, without its seeds. */
  counts: StatusCounts;
  /** What became of the seeds; absent where the current revision names none. */
  seeds?: SeedCounts;
  /** The last one of the seal that stands. */
  dryRun?: DryRunDescription;
  /** The archive's copies by status; absent where the current revision names no archive. */
  copies?: StatusCounts;
}

/** A delivery as `show` tells it. */
export interface DeliveryDescription extends DeliveryStanding, DeliveryFigures {}

/** @throws DeliveryNotFoundError */
export async function describeDelivery(database: Queryable, id: string): Promise<DeliveryDescription> {
  const standing = await describeStanding(database, id);
  return { ...standing, ...(await describeFigures(database, standing)) };
}

/**
 * Takes as long for a million messages as for ten.
 *
 * @throws DeliveryNotFoundError
 */
export async function describeStanding(database: Queryable, id: string): Promise<DeliveryStanding> {
  const summary = await findDelivery(database, id);
  const [latest, ...older] = await listRevisions(database, id);
  if (!summary || !latest) throw new DeliveryNotFoundError(id);
  const journal = await readJournal(database, id);
  const { current, author, approvalRules, ...standing } = standingOf([latest, ...older], journal);
  const findings = await readFindings(database, current.key);
  // A signature that does not hold is an error of the revision.
  const authorSigned = standing.authorSigned && !findings.some(({ rule }) => rule === 'author-unproven');
  const decisions = journal.flatMap(toDecision);
  const pendingDecision =
    summary.phase === 'awaiting-decision'
      ? pendingDecisionOf({
          revision: current,
          author,
          authorSigned,
          rules: approvalRules,
          findings,
          decisions,
          journal,
          operators: await listOperators(database),
          delegations: await delegationsAt(database, Date.now()),
        })
      : undefined;
  const sample = await sampleOf(database, id, current);
  const brokenSeal = await findBrokenSeal(database, id);
  return {
    id,
    name: current.settings.name,
    phase: summary.phase,
    createdAt: summary.createdAt,
    revision: current.hash,
    author,
    authorSigned,
    approvalRules,
    settings: current.settings,
    ...(current.drawSeed === undefined ? {} : { drawSeed: current.drawSeed }),
    profiles: current.profiles,
    ...(current.origins && { origins: current.origins }),
    queries: current.queries,
    ...(current.seal === undefined ? {} : { seal: current.seal, sealedCount: current.sealedCount ?? 0 }),
    ...(current.schedule && { schedule: current.schedule }),
    ...sendingOf(journal),
    ...(sample && { sample }),
    files: current.files,
    ...(pendingDecision && { pendingDecision }),
    findings,
    ...(brokenSeal && { brokenSeal }),
    decisions,
    proofs: proofLog(journal, current.hash, await proofExclusions(database, id)),
    reviews: proofReviews(journal),
    revisions: [latest, ...older].map(({ hash, author, createdAt }) => ({ hash, author, createdAt })),
    journal,
  };
}

/** @param standing - of the delivery, as it is now */
export async function describeFigures(
  database: Queryable,
  { id, seal, sealedCount, settings, journal }: DeliveryStanding,
): Promise<DeliveryFigures> {
  const sealed = { ...(seal !== undefined && { seal }), ...(sealedCount !== undefined && { sealedCount }) };
  const dryRun = await describeDryRun(database, id, sealed, journal);
  return {
    ...(dryRun && { dryRun }),
    excluded: await countExclusions(database, id),
    heldUpBy: await openReplies(database, id),
    counts: await countStatuses(database, id),
    ...(settings.target?.seeds?.length && { seeds: await countSeeds(database, id) }),
    ...(settings.bcc !== undefined && { copies: await countStatuses(database, id, archiveCopies) }),
  };
}

function sendingOf(journal: readonly JournalEntry[]): Pick<DeliveryDescription, 'sendingSince' | 'heldFor'> {
  const since = journal.find(({ phase }) => phase === 'sending')?.at;
  const last = journal.findLast(({ kind, accepted }) => kind === 'held' || (kind === 'resume' && accepted === true));
  const heldFor = last?.kind === 'held' ? last.reason : undefined;
  return { ...(since !== undefined && { sendingSince: since }), ...(heldFor !== undefined && { heldFor }) };
}

async function sampleOf(
  database: Queryable,
  deliveryId: string,
  { key, hash, seal }: RevisionSummary,
): Promise<DeliveryDescription['sample']> {
  const recipient = seal === undefined ? undefined : await firstRecipient(database, deliveryId, key);
  if (!recipient) return undefined;
  const show = compileShown({ deliveryId, ...(await readRevision(database, deliveryId, hash)) });
  const { subject, from, replyTo } = show({ proof: 0, ...recipient });
  return { row: recipient.row, subject, from, ...(replyTo && { replyTo }) };
}

function toDecision(entry: JournalEntry): Decision[] {
  const { kind, operator, verdict, seal, comment, at, accepted, reason, signed, as, breakGlass } = entry;
  if (kind !== 'decide' || operator === undefined || seal === undefined) return [];
  if (verdict !== 'confirm' && verdict !== 'reject' && verdict !== 'withdraw') return [];
  return [
    {
      operator,
      verdict,
      seal,
      ...(comment === undefined ? {} : { comment }),
      at,
      accepted: accepted === true,
      ...(signed === undefined ? {} : { signed }),
      ...(as ? { as } : {}),
      ...(breakGlass ? { breakGlass } : {}),
      ...(reason === undefined ? {} : { reason }),
    },
  ];
}
