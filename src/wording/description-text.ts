import type { Decision, DeliveryDescription, Finding, PendingDecision, ProofDescription } from '../client/index.js';
import { decidersOf, type ApprovalRules } from '../delivery/approval-policy.js';
import { isTemplate } from '../delivery/definition-text.js';
import { findingLevels } from '../delivery/finding.js';
import { exclusionWords } from '../delivery/control-rules/target-rules.js';
import { reasons, tookAny, type Reason } from '../delivery/message-status.js';
import { proofSize } from '../delivery/proof-settings.js';
import { dryRunAnswers, dryRunSentence } from './dry-run-text.js';
import { decisionText, journalLine, reviewText } from './journal-text.js';
import { scheduleFields, standingWords, waveColumns, waveRows } from './schedule-text.js';
import { rowText, sealedText, targetFields } from './target-text.js';
import { nextCommands, phaseText } from './phase-text.js';
import {
  countsText,
  fieldLines,
  grouped,
  oneLine,
  plural,
  tableLines,
  timeText,
  wrapped,
  type Field,
} from './terminal-text.js';

/** A part of a page, under its title where it has one. */
export interface Section {
  title?: string;
  lines: string[];
}

export interface DescribeOptions {
  /** Address of its page in Temporal's Web UI, where that is known. */
  page?: string | undefined;
  /** So many of the journal's last entries. @default 12 */
  journalEntries?: number;
}

/** A delivery as `show` tells it. */
export function describe(delivery: DeliveryDescription, options: DescribeOptions = {}): Section[] {
  const { findings, proofs, decisions, journal, pendingDecision } = delivery;
  const { page, journalEntries = 12 } = options;
  const last = journal.slice(-journalEntries);
  const sections: Section[] = [
    { lines: summaryLines(delivery, page) },
    { title: 'The decision', lines: pendingDecision ? pendingLines(delivery, pendingDecision) : [] },
    { title: 'Waves', lines: waveLines(delivery) },
    { title: 'Broken seal', lines: brokenSealLines(delivery) },
    { title: 'Messages by status', lines: countLines(delivery.counts) },
    { title: 'Messages to seeds', lines: countLines(delivery.seeds?.counts ?? {}) },
    { title: 'Copies for the archive', lines: copyLines(delivery) },
    { title: 'Dry run', lines: dryRunLines(delivery) },
    {
      title: 'Held up by',
      lines: delivery.heldUpBy.map(({ reply, messages }) => oneLine(`  ${plural(messages, 'message')}: ${reply}`)),
    },
    { title: 'Excluded by reason', lines: exclusionLines(delivery.excluded) },
    { title: 'Findings', lines: findingLines(findings) },
    { title: 'Proofs', lines: proofs.map(proofLine) },
    { title: 'Reviews of proofs', lines: delivery.reviews.map((one) => datedLine(one, reviewText(one))) },
    { title: 'Decisions', lines: decisions.map((one) => datedLine(one, decisionText(one))) },
    {
      title:
        last.length < journal.length
          ? `Journal: the last ${last.length} of ${journal.length} entries (--journal shows all)`
          : 'Journal',
      lines: last.map(journalLine),
    },
    { title: 'Next', lines: nextCommands(delivery).map((command) => `  ${command}`) },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
}

function summaryLines(delivery: DeliveryDescription, page: string | undefined): string[] {
  const { seal, settings } = delivery;
  return fieldLines([
    ['delivery', delivery.id],
    ['name', delivery.name],
    ['phase', phaseText(delivery.phase, standingWords(delivery))],
    ...envelopeFields(delivery),
    ['revision', `${delivery.revision.slice(0, 12)} by ${authorText(delivery)}`],
    ['proofed', proofedText(delivery)],
    ['recipients', grouped(delivery.profiles)],
    ...targetFields(delivery),
    ...scheduleFields(delivery),
    ['seal', seal === undefined ? 'none yet' : `${seal} over ${sealedText(delivery)}`],
    ['relay', settings.relay],
    ['created', timeText(delivery.createdAt)],
    ...(page === undefined ? [] : [['in Temporal', page] as const]),
  ]);
}

/** Who submitted a revision, or is said to have done so. */
export const authorText = ({ author, authorSigned }: Pick<DeliveryDescription, 'author' | 'authorSigned'>): string =>
  authorSigned ? author : `${author}, unsigned`;

function waveLines(delivery: DeliveryDescription): string[] {
  const rows = waveRows(delivery);
  return rows.length === 0 ? [] : tableLines(waveColumns, rows).map((line) => `  ${line}`);
}

/** What was changed, only whoever may write to the database can find out. */
function brokenSealLines({ id, brokenSeal }: DeliveryDescription): string[] {
  if (!brokenSeal) return [];
  const { seq, row } = brokenSeal;
  return [
    `  The message of ${rowText(row)} (seq ${seq}) is not the one that was confirmed, so it was not sent, nor any after it.`,
    '  Its profile, its leaf or the revision was changed in the database after the seal, or workers of different versions',
    '  made it. Find out which; then start another delivery to those who got nothing:',
    `  sealpost messages ${id} --status canceled --csv`,
  ];
}

/** Subject and sender as recipients see them, and what else is in a message beside its content. */
export function envelopeFields({
  settings,
  sample,
  files,
}: Pick<DeliveryDescription, 'settings' | 'sample' | 'files'>): Field[] {
  const { subject, sender, format, charset, mirror, headers, bcc } = settings;
  const { from, replyTo } = sample ?? { from: sender, replyTo: sender.replyTo };
  return [
    ...subjectFields(subject, sample),
    ['from', mailboxText(from)],
    ...(replyTo ? [['answers to', mailboxText(replyTo)] as const] : []),
    ...(format === 'multipart' ? [] : [['format', formatWords[format]] as const]),
    ...(charset === 'utf-8' ? [] : [['encoding', charset] as const]),
    ...Object.entries(headers).map(([name, value]) => ['header', `${name}: ${value}`] as const),
    ...files.map(({ name, bytes }) => ['carries', `${name} (${grouped(Math.ceil(bytes / 1024))} KB)`] as const),
    ...(mirror.hosted === undefined ? [] : [['web page', `${mirror.mode}, for ${mirror.expiresAfter}`] as const]),
    ...(bcc === undefined ? [] : [['copies to', bcc] as const]),
  ];
}

const formatWords = { text: 'text alone', recipient: 'text alone for who wants it' };

function subjectFields(template: string, sample: DeliveryDescription['sample']): Field[] {
  if (!isTemplate(template)) return [['subject', template]];
  if (!sample) return [['subject', `${template}   (a template, to be filled for each recipient)`]];
  return [
    ['subject', `${sample.subject}   (for example, to row ${sample.row})`],
    ['its template', template],
  ];
}

/** `Name <address>`. */
export function mailboxText({ name, address }: { name?: string | undefined; address: string }): string {
  return name === undefined ? address : `${name} <${address}>`;
}

function pendingLines({ approvalRules, author }: DeliveryDescription, pending: PendingDecision): string[] {
  const { mayConfirm, mayReject, heldBy, confirmedBy, late, expiresAt } = pending;
  const fourEyes = approvalRules.some(({ settings }) => settings.fourEyes);
  return fieldLines([
    ...approvalRules.map((rules, i) => [i === 0 ? 'needed' : 'and, by the revision', demandText(rules)] as const),
    ...(late === undefined ? [] : [['asked anew', late] as const]),
    ['confirmed by', confirmedBy.join(', ') || 'nobody yet'],
    ['may confirm', heldBy === undefined ? whoMay(mayConfirm) : `nobody yet: ${heldBy}`],
    ['may reject', mayReject.join(', ')],
    ...(fourEyes ? [['four eyes', `${author} submitted this revision and cannot confirm it`] as const] : []),
    ['expires', timeText(expiresAt)],
  ]).map((line) => `  ${line}`);
}

export const whoMay = (mayConfirm: readonly string[]): string =>
  mayConfirm.join(', ') || 'nobody: a new revision must name approvers who may';

export function demandText(rules: ApprovalRules): string {
  const { mode, quorum, contentApproval, requireProof } = rules.settings;
  const before = [
    ...(requireProof ? ['a proof'] : []),
    ...(contentApproval
      ? [`${plural(contentApproval.quorum, 'approval')} of the content from ${contentApproval.reviewers.join(', ')}`]
      : []),
  ];
  const demand = `${plural(quorum, 'confirmation')} from ${decidersOf(rules).join(', ')} (approval is ${mode})`;
  return [demand, ...before].join('; before it, ');
}

function copyLines({ settings, copies }: DeliveryDescription): string[] {
  return copies ? [`  to ${settings.bcc}: ${countsText(copies) || 'none yet'}`] : [];
}

function dryRunLines({ id, dryRun }: DeliveryDescription): string[] {
  if (!dryRun) return [];
  const answers = fieldLines(dryRunAnswers(dryRun).map(([answer, count]) => [count, answer]));
  return [dryRunSentence(dryRun), ...answers, `sealpost messages ${id} --dry-run`].map((line) => `  ${line}`);
}

/** Counts, one a line, the largest first. */
export function countLines(counts: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const width = Math.max(0, ...entries.map(([, count]) => grouped(count).length));
  return entries.map(([name, count]) => `  ${grouped(count).padStart(width)}  ${oneLine(name)}`);
}

/** Excluded recipients by reason, with what the reason means. */
export function exclusionLines(excluded: Readonly<Record<string, number>>): string[] {
  const named = Object.entries(excluded).map(([reason, count]) => {
    const words = isReason(reason) ? exclusionWords[reason] : undefined;
    return [words === undefined ? reason : `${reason}: ${words}`, count] as const;
  });
  return countLines(Object.fromEntries(named));
}

const isReason = (text: string): text is Reason => Object.hasOwn(reasons, text);

const findingColumns = 90;

/** Findings in order, each with its level, its place and, behind it, its rule. */
export function findingLines(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ level, sentence, rule, place }) =>
    wrapped(oneLine(`${place}: ${sentence} [${rule}]`), findingColumns).map(
      (line, i) => `  ${(i === 0 ? level : '').padEnd(7)}  ${line}`,
    ),
  );
}

/** `1 error, 2 warnings, no infos` in few words. */
export function findingSummary(findings: readonly Pick<Finding, 'level'>[]): string {
  const parts = findingLevels.flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [level === 'info' ? `${grouped(count)} for information` : plural(count, level)];
  });
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** Whether reviewers got to see the current revision. */
function proofedText({ id, proofs, settings }: DeliveryDescription): string {
  const current = proofs.findLast(({ stale, counts }) => !stale && tookAny(counts));
  if (current) return `proof ${current.proof} of this revision was sent`;
  return proofSize(settings) === 0
    ? 'no, and nobody is named to get proofs'
    : `no proof of this revision was sent yet; "sealpost proof ${id}" sends one`;
}

/** `2 sent, 1 ignored (1 denylisted)`. */
export function proofOutcome({ counts, leftOut }: Pick<ProofDescription, 'counts' | 'leftOut'>): string {
  const why = countsText(leftOut);
  return `${countsText(counts) || 'no messages'}${why && ` (${why})`}`;
}

function proofLine(description: ProofDescription): string {
  const { proof, at, revision, stale } = description;
  const mark = stale ? '; stale: a later revision took its place' : '';
  return `  proof ${proof}  ${timeText(at)}  revision ${revision.slice(0, 12)}: ${proofOutcome(description)}${mark}`;
}

function datedLine({ at, comment }: Pick<Decision, 'at' | 'comment'>, text: string): string {
  const words = comment === undefined ? '' : `; "${comment}"`;
  return oneLine(`  ${timeText(at)}  ${text}${words}`);
}

/** The tally at the end: messages by status and reason. */
export function tallyLines(tally: readonly { status: string; reason: string | null; count: number }[]): string[] {
  const columns = [{ title: 'status' }, { title: 'reason' }, { title: 'messages', align: 'right' as const }];
  const total = tally.reduce((sum, { count }) => sum + count, 0);
  const rows = tally.map(({ status, reason, count }) => [status, reason ?? '', grouped(count)]);
  return tableLines(columns, [...rows, ['total', '', grouped(total)]]).map((line) => `  ${line}`);
}
