import type { ReportSample } from '../client/index.js';
import type { DiffLine, SourceDifference } from '../client/source-difference.js';
import { escapeHtml } from '../content/escape-html.js';
import type { Block, ReportSection } from './report-sections.js';
import { cutSentence } from './report-text.js';
import { oneLine, type Field } from './terminal-text.js';

/** Octets of parts of a page. */
const limits = { rows: 24_000, findings: 60_000 };

/** How much of a page is written, and how its messages are shown. */
export interface Written {
  /** Octets that are left for the differences of the content. */
  sources: number;
  sample: (sample: ReportSample, fields: readonly Field[]) => string;
}

/** Octets that the differences of the content may take. */
export const mostSources = 160_000;

/** A section of a report, for a page that has its styles. */
export function sectionHtml({ id, title, blocks }: ReportSection, written: Written): string {
  return `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${shown(title)}</h2>\n${blocksHtml(blocks, written)}\n</section>`;
}

export const blocksHtml = (blocks: readonly Block[], written: Written): string =>
  blocks.map((block) => blockHtml(block, written)).join('\n');

/** A line of text from anywhere, as it may stand in the page. */
export const shown = (line: string): string => escapeHtml(oneLine(line));
export const lines = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map(shown)
    .join('\n');

function blockHtml(block: Block, written: Written): string {
  switch (block.kind) {
    case 'text':
      return `<p>${shown(block.text)}</p>`;
    case 'commands':
      return `<p>Next:</p><ul class="commands">${block.commands.map((one) => `<li><code>${shown(one)}</code></li>`).join('')}</ul>`;
    case 'fields':
      return fieldsHtml(block.fields);
    case 'findings': {
      const { level, findings } = block;
      const items = findings.map(
        ({ sentence, place, rule }) =>
          `<li><strong class="${level}">${level}</strong> <span class="place">${shown(place)}</span> ${shown(sentence)} <small>${shown(rule)}</small></li>`,
      );
      return `<ul class="findings">${within(items, limits.findings, (left) => `<li>and ${left} more</li>`)}</ul>`;
    }
    case 'table':
      return tableHtml(block);
    case 'source':
      return sourceHtml(block.source, written);
    case 'sample':
      return written.sample(block.sample, block.fields);
  }
}

/** @returns as many of the pieces as there is room for, and what stands for the others */
function within(pieces: readonly string[], octets: number, rest: (left: number) => string): string {
  let room = octets;
  const fits = pieces.findIndex((piece) => (room -= Buffer.byteLength(piece)) < 0);
  return fits === -1 ? pieces.join('') : pieces.slice(0, fits).join('') + rest(pieces.length - fits);
}

export function fieldsHtml(fields: readonly Field[]): string {
  return `<dl>${fields.map(([name, value]) => `<div><dt>${shown(name)}</dt><dd dir="auto">${shown(String(value))}</dd></div>`).join('')}</dl>`;
}

/** Characters of a cell: a setting may be as long as its author likes. */
const longestCell = 600;

function tableHtml({ columns, rows }: Extract<Block, { kind: 'table' }>): string {
  const right = (i: number) => (columns[i]?.align === 'right' ? ' class="number"' : '');
  const head = columns.map(({ title }, i) => `<th scope="col"${right(i)}>${shown(title)}</th>`).join('');
  const cell = (value: string | number) => {
    const text = String(value);
    return shown(text.length > longestCell ? `${text.slice(0, longestCell).toWellFormed()}…` : text);
  };
  const body = rows.map(
    (row) => `<tr>${row.map((value, i) => `<td dir="auto"${right(i)}>${cell(value)}</td>`).join('')}</tr>`,
  );
  const rest = (left: number) => `<tr><td colspan="${columns.length}">and ${left} more</td></tr>`;
  return `<table><thead><tr>${head}</tr></thead><tbody>${within(body, limits.rows, rest)}</tbody></table>`;
}

const diffTags = { ' ': 'span', '-': 'del', '+': 'ins' } as const;

function sourceHtml({ file, change, hunks, cut }: SourceDifference, written: Written): string {
  const pieces = hunks.flatMap(({ beforeLine, afterLine, lines: shownLines }) => [
    `<span class="hunk">@@ -${beforeLine} +${afterLine} @@</span>\n`,
    ...shownLines.map(diffLineHtml),
  ]);
  const body = within(pieces, written.sources, () => '');
  written.sources -= Buffer.byteLength(body);
  const whole = !cut && body.length === pieces.join('').length;
  const note = whole ? '' : `<p>${shown(cutSentence(hunks.length))}</p>`;
  return `<h3>${shown(file)} <small>${change}</small></h3><pre class="diff" tabindex="0">${body}</pre>${note}`;
}

function diffLineHtml({ sign, parts }: DiffLine): string {
  const tag = diffTags[sign];
  const text = parts.map((part) => (part.marked ? `<mark>${shown(part.text)}</mark>` : shown(part.text))).join('');
  return `<${tag}>${sign}${text}</${tag}>\n`;
}
