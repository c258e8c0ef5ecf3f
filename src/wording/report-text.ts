import type { DeliveryReport } from '../client/index.js';
import type { DiffLine, SourceDifference } from '../client/source-difference.js';
import { findingLines, type Section } from './description-text.js';
import { sampleTitle } from './report-sample.js';
import { reportSections, type Block } from './report-sections.js';
import { fieldLines, tableLines, wrapped } from './terminal-text.js';

/** A report for a terminal. Of a sample's HTML it says that it is there: `--html` shows it. */
export function reportText(report: DeliveryReport): Section[] {
  return reportSections(report).map(({ title, blocks }) => ({
    title,
    lines: blocks.flatMap((block, i) => [...(i === 0 ? [] : ['']), ...blockLines(block).map((line) => `  ${line}`)]),
  }));
}

const columns = 98;
const sampleLines = 40;

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case 'text':
      return wrapped(block.text, columns);
    case 'commands':
      return block.commands;
    case 'fields':
      return fieldLines(block.fields);
    case 'findings':
      return findingLines(block.findings).map((line) => line.slice(2));
    case 'table':
      return tableLines(block.columns, block.rows);
    case 'source':
      return sourceLines(block.source);
    case 'sample': {
      const { sample, fields } = block;
      const lines = sample.text.trimEnd().split(/\r\n|\r|\n/);
      return [
        sampleTitle(sample),
        ...fieldLines(fields),
        ...(sample.html === undefined ? [] : ['and an HTML part, which --html FILE shows']),
        ...lines.slice(0, sampleLines).map((line) => `| ${line}`),
        ...(lines.length > sampleLines ? ['| …'] : []),
      ];
    }
  }
}

/** A file of the content as a unified diff; words that differ are not marked here. */
function sourceLines({ file, change, hunks, cut }: SourceDifference): string[] {
  return [
    `${file} (${change})`,
    ...hunks.flatMap(({ beforeLine, afterLine, lines }) => [
      `@@ -${beforeLine} +${afterLine} @@`,
      ...lines.map(lineText),
    ]),
    ...(cut ? [cutSentence(hunks.length)] : []),
  ];
}

const lineText = ({ sign, parts }: DiffLine): string => `${sign}${parts.map(({ text }) => text).join('')}`;

/** Why a diff is not whole. */
export function cutSentence(hunks: number): string {
  return hunks === 0 ? 'Too much differs to be told line by line.' : 'More differs than is shown here.';
}
