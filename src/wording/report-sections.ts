import type { DeliveryReport, ReportSample } from '../client/index.js';
import { formatWords } from '../client/report-samples.js';
import type { SourceDifference } from '../client/source-difference.js';
import { exclusionWords } from '../delivery/control-rules/target-rules.js';
import { findingLevels, type Finding, type FindingLevel } from '../delivery/finding.js';
import type { Reason } from '../delivery/message-status.js';
import { authorText, findingSummary } from './description-text.js';
import { dryRunAnswers, dryRunSentence } from './dry-run-text.js';
import { reportState } from './report-state.js';
import { sampleFields } from './report-sample.js';
import { grouped, plural, timeText, type Column, type Field } from './terminal-text.js';
import { scheduleFields, waveColumns, waveRows } from './schedule-text.js';
import { addresseesText } from './target-text.js';

/** A piece of a report, to be written for a terminal or as HTML. */
export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'commands'; commands: string[] }
  | { kind: 'fields'; fields: Field[] }
  | { kind: 'findings'; level: FindingLevel; findings: Finding[] }
  | { kind: 'table'; columns: Column[]; rows: (string | number)[][] }
  | { kind: 'source'; source: SourceDifference }
  | { kind: 'sample'; sample: ReportSample; fields: Field[] };

/** A part of a report under its title. */
export interface ReportSection {
  /** Names it within a page. */
  id: string;
  title: string;
  blocks: Block[];
}

/** A report in the order in which it is read: where the delivery stands, what is wrong, what is sent, what has changed. */
export function reportSections(report: DeliveryReport): ReportSection[] {
  return [
    { id: 'state', title: 'Where it stands', blocks: stateBlocks(report) },
    { id: 'findings', title: `Findings: ${findingSummary(report.findings)}`, blocks: findingBlocks(report.findings) },
    { id: 'counts', title: 'Messages', blocks: countBlocks(report) },
    ...dryRunSections(report),
    { id: 'sizes', title: 'Sizes', blocks: sizeBlocks(report) },
    { id: 'difference', title: 'What has changed', blocks: differenceBlocks(report) },
    { id: 'samples', title: 'Samples', blocks: sampleBlocks(report) },
  ];
}

const text = (sentence: string): Block => ({ kind: 'text', text: sentence });

function stateBlocks(report: DeliveryReport): Block[] {
  const { sentences, next } = reportState(report);
  const { id, name, revision, settings, profiles } = report;
  return [
    text(sentences.join(' ')),
    { kind: 'commands', commands: next },
    {
      kind: 'fields',
      fields: [
        ['delivery', `${id}: ${name}`],
        ['revision', `${revision} by ${authorText(report)}`],
        ['recipients', grouped(profiles)],
        ['relay', settings.relay],
        ...scheduleFields(report),
      ],
    },
    ...waveBlocks(report),
  ];
}

function waveBlocks(report: DeliveryReport): Block[] {
  const rows = waveRows(report);
  return rows.length === 0 ? [] : [{ kind: 'table', columns: [...waveColumns], rows }];
}

function findingBlocks(findings: readonly Finding[]): Block[] {
  if (findings.length === 0) return [text('The checks have found nothing.')];
  return findingLevels.flatMap((level) => {
    const found = findings.filter((finding) => finding.level === level);
    return found.length === 0 ? [] : [{ kind: 'findings' as const, level, findings: found }];
  });
}

function dryRunSections({ id, dryRun }: DeliveryReport): ReportSection[] {
  if (!dryRun) return [];
  const blocks: Block[] = [
    text(dryRunSentence(dryRun)),
    {
      kind: 'table',
      columns: [{ title: 'the relay says' }, { title: 'recipients', align: 'right' }],
      rows: dryRunAnswers(dryRun),
    },
    { kind: 'commands', commands: [`sealpost messages ${id} --dry-run`] },
  ];
  return [{ id: 'dry-run', title: 'Dry run', blocks }];
}

const notAnalysed = 'The current revision is not analysed yet: there is nothing to count.';
const messageColumns = (title: string): Column[] => [{ title }, { title: 'messages', align: 'right' }];

function countBlocks(report: DeliveryReport): Block[] {
  const { analysis, excluded, profiles } = report;
  if (!analysis) return [text(notAnalysed)];
  const { domains, languages, formats } = analysis;
  const { top, rest } = domains;
  const left = Object.values(excluded).reduce((sum, count) => sum + count, 0);
  const tables: Block[] = [
    {
      kind: 'table',
      columns: [{ title: 'left out because' }, { title: 'recipients', align: 'right' }],
      rows: Object.entries(excluded).map(([reason, count]) => [
        exclusionWords[reason as Reason] ?? reason,
        grouped(count),
      ]),
    },
    {
      kind: 'table',
      columns: messageColumns('domain'),
      rows: [
        ...top.map(({ domain, messages }) => [domain, grouped(messages)]),
        ...(rest.domains === 0 ? [] : [[plural(rest.domains, 'other domain'), grouped(rest.messages)]]),
      ],
    },
    {
      kind: 'table',
      columns: messageColumns('language'),
      rows: (languages ?? []).map(({ language, messages }) => [language, grouped(messages)]),
    },
    {
      kind: 'table',
      columns: messageColumns('format'),
      rows: (formats ?? []).map(({ format, messages }) => [formatWords[format], grouped(messages)]),
    },
  ];
  const sum = `${addresseesText(report)} of ${grouped(profiles)} get a message; left out: ${left === 0 ? 'nobody' : grouped(left)}.`;
  return [text(sum), ...tables.filter((block) => block.kind === 'table' && block.rows.length > 0)];
}

/** `12.3 KB`. */
const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;

function sizeBlocks({ analysis }: DeliveryReport): Block[] {
  if (!analysis) return [text(notAnalysed)];
  const { sizes } = analysis;
  if (!sizes) return [text('There are no messages to measure.')];
  const { measured, of, message, html, clippedFrom, clipped } = sizes;
  const sample =
    measured >= of
      ? `All ${plural(of, 'message')} were measured.`
      : `A sample: ${grouped(measured)} of ${plural(of, 'message')}, those that the seal draws, the first of each language and format, and those whose recipients have the least and the most data. Others may be smaller or larger.`;
  const limit = `Gmail shows the first ${clippedFrom / 1024} KB of the HTML and hides the rest, with the unsubscription link: `;
  const row = (title: string, { smallest, median, largest }: typeof message) => [
    title,
    ...[smallest, median, largest].map(kilobytes),
  ];
  return [
    text(sample),
    {
      kind: 'table',
      columns: [
        { title: 'size of' },
        ...['smallest', 'median', 'largest'].map((title) => ({ title, align: 'right' as const })),
      ],
      rows: [row('message', message), ...(html ? [row('HTML part', html)] : [])],
    },
    ...(html
      ? [text(limit + (clipped === 0 ? 'none of these is longer.' : `${grouped(clipped)} of these are longer.`))]
      : []),
  ];
}

function differenceBlocks({ difference, revision }: DeliveryReport): Block[] {
  if (!difference) return [text('There is no other revision to compare with: this is the first.')];
  const { against, author, createdAt, settings, sources, target, files } = difference;
  const intro = `Revision ${revision.slice(0, 12)} compared with ${against.slice(0, 12)}, which ${author} submitted on ${timeText(createdAt)}.`;
  const targetRows = (['gained', 'lost', 'changed'] as const).map((what) => [
    targetWords[what],
    grouped(target[what].count),
    firstText(target[what]),
  ]);
  return [
    text(intro),
    ...(settings.length === 0
      ? [text('Settings: the same.')]
      : [
          {
            kind: 'table' as const,
            columns: [{ title: 'setting' }, { title: 'before' }, { title: 'after' }],
            rows: settings.map(({ path, before = '–', after = '–' }) => [path, before, after]),
          },
        ]),
    {
      kind: 'table',
      columns: [{ title: 'recipients' }, { title: 'count', align: 'right' }, { title: 'the first', width: 120 }],
      rows: targetRows,
    },
    ...(files.length === 0
      ? []
      : [
          {
            kind: 'table' as const,
            columns: [{ title: 'file' }, { title: 'is' }, { title: 'size', align: 'right' as const }],
            rows: files.map(({ name, change, bytes }) => [name, change, kilobytes(bytes)]),
          },
        ]),
    ...(sources.length === 0
      ? [text('Content: the same.')]
      : sources.map((source) => ({ kind: 'source' as const, source }))),
  ];
}

/** Rows of a target that one line has room for. */
const rowsTold = 3;

function firstText({ count, first }: NonNullable<DeliveryReport['difference']>['target']['gained']): string {
  const told = first.slice(0, rowsTold).map(({ row, address }) => `${address} (row ${row})`);
  return [...told, ...(count > told.length ? ['…'] : [])].join(', ');
}

const targetWords = { gained: 'new', lost: 'gone', changed: 'with other fields' };

function sampleBlocks({ id, analysis }: DeliveryReport): Block[] {
  if (!analysis) return [text(notAnalysed)];
  if (analysis.samples.length === 0) return [text('There are no messages to show.')];
  return [
    text(
      'Messages as their readers see them, made again and compared with the seal. Images from the web are not loaded, and links lead nowhere here.',
    ),
    ...analysis.samples.map((sample) => ({ kind: 'sample' as const, sample, fields: sampleFields(id, sample) })),
  ];
}
