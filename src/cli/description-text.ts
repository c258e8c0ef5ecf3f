import type { Decision, DeliveryDescription, Finding, JournalEntry } from '../client/index.js';
import { reasons, type Reason } from '../delivery/message-status.js';
import { cut, fieldLines, grouped, oneLine, plural, tableLines } from './terminal-text.js';

/** A part of a page, under its title where it has one. */
export interface Section {
  title?: string;
  lines: string[];
}

const shownJournalEntries = 12;

/** A delivery as `show` tells it, gravest things first. */
export function describe(delivery: DeliveryDescription): Section[] {
  const { findings, proofs, decisions, journal } = delivery;
  const last = journal.slice(-shownJournalEntries);
  const sections: Section[] = [
    { lines: summaryLines(delivery) },
    { title: 'Messages by status', lines: countLines(delivery.counts) },
    { title: 'Excluded by reason', lines: exclusionLines(delivery.excluded) },
    { title: 'Findings', lines: findingLines(findings) },
    { title: 'Proofs', lines: proofs.map(proofLine) },
    { title: 'Decisions', lines: decisions.map(decisionLine) },
    {
      title: last.length < journal.length ? `Journal: the last ${last.length} of ${journal.length} entries` : 'Journal',
      lines: last.map(journalLine),
    },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
}

function summaryLines(delivery: DeliveryDescription): string[] {
  const { seal, sealedCount, settings } = delivery;
  const fields: [string, string][] = [
    ['delivery', delivery.id],
    ['name', delivery.name],
    ['phase', delivery.phase],
    ['revision', `${delivery.revision.slice(0, 12)} by ${delivery.author}`],
    ['recipients', grouped(delivery.profiles)],
    ['seal', seal === undefined ? 'none yet' : `${seal} over ${plural(sealedCount ?? 0, 'message')}`],
    ['relay', settings.relay],
    ['created', timeText(delivery.createdAt)],
  ];
  return fieldLines(fields);
}

/** Counts, one a line, the largest first. */
export function countLines(counts: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const width = Math.max(0, ...entries.map(([, count]) => grouped(count).length));
  return entries.map(([name, count]) => `  ${grouped(count).padStart(width)}  ${oneLine(name)}`);
}

const exclusionWords: Partial<Record<Reason, string>> = {
  'address-missing': 'no address',
  'address-invalid': 'the address is not valid',
  denylisted: 'the address is on the denylist',
  quarantined: 'the address is in quarantine',
  double: 'the same address came before',
  'personalisation-failed': 'a field that the content needs is missing',
};

/** Excluded recipients by reason, with what the reason means. */
export function exclusionLines(excluded: Readonly<Record<string, number>>): string[] {
  const named = Object.entries(excluded).map(([reason, count]) => {
    const words = isReason(reason) ? exclusionWords[reason] : undefined;
    return [words === undefined ? reason : `${reason}: ${words}`, count] as const;
  });
  return countLines(Object.fromEntries(named));
}

const isReason = (text: string): text is Reason => Object.hasOwn(reasons, text);

/** Findings in order, each with its level, rule and place. */
export function findingLines(findings: readonly Finding[]): string[] {
  return findings.map(({ level, sentence, rule, place }) =>
    oneLine(`  ${level.padEnd(7)}  ${sentence} (${rule}: ${place})`),
  );
}

/** `1 error, 2 warnings, no infos` in few words. */
export function findingSummary(findings: readonly Pick<Finding, 'level'>[]): string {
  const parts = (['error', 'warning', 'info'] as const).flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [level === 'info' ? `${grouped(count)} for information` : plural(count, level)];
  });
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function proofLine({ proof, at, revision, stale, counts }: DeliveryDescription['proofs'][number]): string {
  const sums = Object.entries(counts).map(([status, count]) => `${grouped(count)} ${status}`);
  const mark = stale ? '; stale: a later revision took its place' : '';
  return `  proof ${proof}  ${timeText(at)}  revision ${revision.slice(0, 12)}: ${sums.join(', ') || 'no messages'}${mark}`;
}

function decisionLine({ operator, verdict, seal, comment, at, accepted, reason }: Decision): string {
  const outcome = accepted ? 'counts' : `refused: ${reason ?? 'no reason was given'}`;
  const words = comment === undefined ? '' : `; "${oneLine(comment)}"`;
  return `  ${timeText(at)}  ${operator}: ${verdict} ${seal.slice(0, 8)}: ${outcome}${words}`;
}

function journalLine(entry: JournalEntry): string {
  const { n, at, kind, operator, phase, reason, comment, times, proof, accepted } = entry;
  const words = [
    phase ?? (proof === undefined ? undefined : `number ${proof}`),
    operator && `by ${operator}`,
    accepted === false ? 'refused' : undefined,
    reason && `(${reason})`,
    comment && `"${comment}"`,
    times && `${times} times`,
  ].filter(Boolean);
  return cut(oneLine(`  ${String(n).padStart(3)}  ${timeText(at)}  ${[kind, ...words].join(' ')}`), 160);
}

/** An instant for people: `2026-11-24 22:10:05 UTC`. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

/** The tally at the end: messages by status and reason. */
export function tallyLines(tally: readonly { status: string; reason: string | null; count: number }[]): string[] {
  const columns = [{ title: 'status' }, { title: 'reason' }, { title: 'messages', align: 'right' as const }];
  const total = tally.reduce((sum, { count }) => sum + count, 0);
  const rows = tally.map(({ status, reason, count }) => [status, reason ?? '', grouped(count)]);
  return tableLines(columns, [...rows, ['total', '', grouped(total)]]).map((line) => `  ${line}`);
}
