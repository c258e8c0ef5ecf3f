import { settingsDifference, type SettingChange } from '../delivery/settings-difference.js';
import type { JournalEntry } from '../delivery/journal-entry.js';
import { standingOf } from '../store/approval-rules.js';
import type { Queryable } from '../store/database.js';
import { listRevisions, type RevisionSummary } from '../store/deliveries.js';
import { readJournal } from '../store/journal.js';
import { readSealedIcu } from '../store/preparation.js';
import { countDomains, isAnalysed, type DomainCounts } from '../store/report-counts.js';
import { compareTargets, readSources, type FileDigest, type TargetDifference } from '../store/revision-differences.js';
import { readRevision } from '../store/revisions.js';
import { describeDelivery, type DeliveryDescription } from './delivery-description.js';
import { DeliveryNotFoundError, SealpostError } from './errors.js';
import { maskedAddress } from './masked-address.js';
import { drawSamples, type Samples } from './report-samples.js';
import { sourceDifferences, type SourceDifference } from './source-difference.js';

export interface ReportOptions {
  /** The revision to compare with, by its hash or 8 or more of its first characters. @default the one before */
  against?: string;
  /** Recipients' addresses in full. @default masked */
  addresses?: boolean;
}

/** What an analysis came to. */
export interface AnalysisReport extends Samples {
  /** The recipients' domains. */
  domains: DomainCounts;
  /** Whether this Node writes numbers and dates with the language data that the revision was sealed with. */
  sameLanguageData: boolean;
}

/** How the current revision differs from an earlier one. */
export interface RevisionDifference {
  /** Hash of the other revision. */
  against: string;
  author: string;
  /** ISO 8601. */
  createdAt: string;
  /** Messages under the seal of the other revision, where it was analysed. */
  sealedCount?: number;
  settings: SettingChange[];
  sources: SourceDifference[];
  target: TargetDifference;
  files: { name: string; change: 'added' | 'removed' | 'changed'; bytes: number }[];
}

/** All that a decision is made by, of the current revision. */
export interface DeliveryReport extends Pick<
  DeliveryDescription,
  | 'id'
  | 'name'
  | 'phase'
  | 'revision'
  | 'author'
  | 'authorSigned'
  | 'settings'
  | 'profiles'
  | 'files'
  | 'seal'
  | 'sealedCount'
  | 'schedule'
  | 'sendingSince'
  | 'heldFor'
  | 'seeds'
  | 'approvalRules'
  | 'pendingDecision'
  | 'brokenSeal'
  | 'dryRun'
  | 'findings'
  | 'counts'
  | 'excluded'
> {
  /** Absent before the current revision is analysed; then `counts` and `excluded` are empty. */
  analysis?: AnalysisReport;
  /** Absent where there is no other revision. */
  difference?: RevisionDifference;
}

const topDomains = 20;
const firstRows = 10;

/**
 * How the current revision differs from an earlier one; undefined where there is no other.
 *
 * @throws DeliveryNotFoundError; SealpostError `REVISION_NOT_FOUND` for `against`
 */
export async function differenceOf(
  database: Queryable,
  id: string,
  { against, addresses = false }: ReportOptions = {},
): Promise<RevisionDifference | undefined> {
  const { current, other } = await comparedRevisions(database, id, against);
  return other && (await differenceTo(database, other, current, addresses));
}

async function comparedRevisions(
  database: Queryable,
  id: string,
  against: string | undefined,
): Promise<{ current: RevisionSummary; other: RevisionSummary | undefined }> {
  const [latest, ...older] = await listRevisions(database, id);
  if (!latest) throw new DeliveryNotFoundError(id);
  const revisions = [latest, ...older] as const;
  const journal = await readJournal(database, id);
  const { current } = standingOf(revisions, journal);
  const other =
    against === undefined ? previousOf(revisions, journal, current) : revisionNamed(revisions, against, current);
  return { current, other };
}

/** @throws DeliveryNotFoundError; SealpostError `REVISION_NOT_FOUND` for `against` */
export async function reportOf(
  database: Queryable,
  id: string,
  { against, addresses = false }: ReportOptions = {},
): Promise<DeliveryReport> {
  const { current, other } = await comparedRevisions(database, id, against);
  const [description, analysis, difference] = await Promise.all([
    describeDelivery(database, id),
    analysisOf(database, id, current, addresses),
    other && differenceTo(database, other, current, addresses),
  ]);
  const { schedule, sendingSince, heldFor } = description;
  const { seal, sealedCount, seeds, approvalRules, pendingDecision, brokenSeal, dryRun, findings, counts, excluded } =
    description;
  const { name, phase, revision, author, authorSigned, settings, profiles, files } = description;
  return {
    id,
    name,
    phase,
    revision,
    author,
    authorSigned,
    settings,
    profiles,
    files,
    approvalRules,
    findings,
    ...(seal !== undefined && { seal }),
    ...(sealedCount !== undefined && { sealedCount }),
    ...(schedule && { schedule }),
    ...(sendingSince !== undefined && { sendingSince }),
    ...(heldFor !== undefined && { heldFor }),
    ...(seeds && { seeds }),
    ...(pendingDecision && { pendingDecision }),
    ...(brokenSeal && { brokenSeal }),
    ...(dryRun && { dryRun }),
    counts: analysis ? counts : {},
    excluded: analysis ? excluded : {},
    ...(analysis && { analysis }),
    ...(difference && { difference }),
  };
}

/** The revision that the process had taken up before the current one. */
function previousOf(
  revisions: readonly RevisionSummary[],
  journal: readonly JournalEntry[],
  current: RevisionSummary,
): RevisionSummary | undefined {
  const revised = journal.flatMap(({ kind, accepted, revision }) =>
    kind === 'revise' && accepted === true ? [revision] : [],
  );
  const hash = [revisions.at(-1)?.hash, ...revised].findLast((taken) => taken !== current.hash);
  return revisions.find((revision) => revision.hash === hash);
}

const shortestHash = 8;

function revisionNamed(
  revisions: readonly RevisionSummary[],
  given: string,
  current: RevisionSummary,
): RevisionSummary {
  const [found, another] = revisions.filter(({ hash }) => hash.startsWith(given.toLowerCase()));
  if (given.length >= shortestHash && found && !another && found !== current) return found;
  const others = revisions.filter((one) => one !== current).map(({ hash }) => hash.slice(0, 12));
  throw new SealpostError(
    'REVISION_NOT_FOUND',
    others.length === 0
      ? 'There is no other revision to compare with.'
      : `No other revision begins with "${given}": give ${shortestHash} or more characters of one of ${others.join(', ')}.`,
  );
}

async function analysisOf(
  database: Queryable,
  deliveryId: string,
  { hash, seal }: RevisionSummary,
  addresses: boolean,
): Promise<AnalysisReport | undefined> {
  if (seal === undefined) return undefined;
  const revision = await readRevision(database, deliveryId, hash);
  if (!(await isAnalysed(database, revision))) return undefined;
  const [domains, samples, icu] = await Promise.all([
    countDomains(database, revision, topDomains),
    drawSamples(database, { ...revision, deliveryId, seal }, addresses),
    readSealedIcu(database, revision),
  ]);
  return { domains, ...samples, sameLanguageData: icu === undefined || icu === process.versions.icu };
}

async function differenceTo(
  database: Queryable,
  other: RevisionSummary,
  current: RevisionSummary,
  addresses: boolean,
): Promise<RevisionDifference> {
  const [before, after, target] = await Promise.all([
    readSources(database, other.key),
    readSources(database, current.key),
    compareTargets(database, other.key, current.key, firstRows),
  ]);
  return {
    against: other.hash,
    author: other.author,
    createdAt: other.createdAt,
    ...(other.sealedCount !== undefined && { sealedCount: other.sealedCount }),
    settings: settingsDifference(other.settings, current.settings),
    sources: sourceDifferences(before.sources, after.sources),
    target: addresses ? target : maskedTarget(target),
    files: fileChanges(before.files, after.files),
  };
}

function maskedTarget({ gained, lost, changed }: TargetDifference): TargetDifference {
  const masked = ({ count, first }: TargetDifference['gained']) => ({
    count,
    first: first.map(({ row, address }) => ({ row, address: maskedAddress(address) })),
  });
  return { gained: masked(gained), lost: masked(lost), changed: masked(changed) };
}

function fileChanges(before: readonly FileDigest[], after: readonly FileDigest[]): RevisionDifference['files'] {
  const was = new Map(before.map((file) => [file.name, file]));
  const is = new Map(after.map((file) => [file.name, file]));
  return [...new Map([...was, ...is]).values()].flatMap(({ name, bytes, hash }) => {
    const change = !is.has(name) ? 'removed' : !was.has(name) ? 'added' : 'changed';
    return change === 'changed' && was.get(name)?.hash === hash ? [] : [{ name, change, bytes } as const];
  });
}
