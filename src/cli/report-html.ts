import type { DeliveryReport, ReportSample } from '../client/index.js';
import type { DiffLine, SourceDifference } from '../client/source-difference.js';
import { escapeHtml } from '../content/escape-html.js';
import { reportStyle } from './report-html-style.js';
import { sampleTitle } from './report-sample.js';
import { reportSections, type Block, type ReportSection } from './report-sections.js';
import { cutSentence } from './report-text.js';
import { oneLine, type Field } from './terminal-text.js';

/**
 * Nothing is loaded, run or sent anywhere; the messages in their frames are bound by the same policy. They need styles of
 * their own and the images that they carry.
 */
const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "form-action 'none'",
  "base-uri 'none'",
].join('; ');

/** Octets of a page that can be sent as a mail, and of its parts; the HTML of messages has what they leave. */
const limits = { page: 980_000, rows: 24_000, findings: 60_000, sources: 160_000, text: 20_000 };

/**
 * A report as one HTML file: no scripts, nothing from the network, each message in a frame that can do nothing.
 *
 * @param madeAt - ISO 8601
 */
export function reportHtml(report: DeliveryReport, madeAt: string): string {
  const frames = report.analysis?.samples.filter(({ html }) => html !== undefined).length ?? 0;
  if (frames === 0) return pageHtml(report, madeAt, 0);
  const left = limits.page - Buffer.byteLength(pageHtml(report, madeAt, 0));
  return pageHtml(report, madeAt, Math.floor(left / frames));
}

function pageHtml(report: DeliveryReport, madeAt: string, frame: number): string {
  const sections = reportSections(report);
  const budget = { frame, sources: limits.sources };
  const links = sections.map(({ id, title }) => `<li><a href="#${id}">${shown(title)}</a></li>`).join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta http-equiv="x-dns-prefetch-control" content="off">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${shown(report.name)}: report</title>
<style>${reportStyle}</style>
</head>
<body>
<header><h1>${shown(report.name)}</h1><p>Report on delivery ${shown(report.id)}, made ${shown(madeAt)}</p></header>
<nav aria-label="Parts of this report"><ul>${links}</ul></nav>
<main>
${sections.map((section) => sectionHtml(section, budget)).join('\n')}
</main>
</body>
</html>
`;
}

interface Budget {
  /** Octets of each message's HTML. */
  frame: number;
  /** Octets that are left for the differences of the content. */
  sources: number;
}

function sectionHtml({ id, title, blocks }: ReportSection, budget: Budget): string {
  const body = blocks.map((block) => blockHtml(block, budget)).join('\n');
  return `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${shown(title)}</h2>\n${body}\n</section>`;
}

/** A line of text from anywhere, as it may stand in the page. */
const shown = (line: string): string => escapeHtml(oneLine(line));
const lines = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map(shown)
    .join('\n');

function blockHtml(block: Block, budget: Budget): string {
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
      return sourceHtml(block.source, budget);
    case 'sample':
      return sampleHtml(block.sample, block.fields, budget);
  }
}

/** @returns as many of the pieces as there is room for, and what stands for the others */
function within(pieces: readonly string[], octets: number, rest: (left: number) => string): string {
  let room = octets;
  const fits = pieces.findIndex((piece) => (room -= Buffer.byteLength(piece)) < 0);
  return fits === -1 ? pieces.join('') : pieces.slice(0, fits).join('') + rest(pieces.length - fits);
}

function fieldsHtml(fields: readonly Field[]): string {
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

function sourceHtml({ file, change, hunks, cut }: SourceDifference, budget: Budget): string {
  const pieces = hunks.flatMap(({ beforeLine, afterLine, lines: shownLines }) => [
    `<span class="hunk">@@ -${beforeLine} +${afterLine} @@</span>\n`,
    ...shownLines.map(diffLineHtml),
  ]);
  const body = within(pieces, budget.sources, () => '');
  budget.sources -= Buffer.byteLength(body);
  const whole = !cut && body.length === pieces.join('').length;
  const note = whole ? '' : `<p>${shown(cutSentence(hunks.length))}</p>`;
  return `<h3>${shown(file)} <small>${change}</small></h3><pre class="diff" tabindex="0">${body}</pre>${note}`;
}

function diffLineHtml({ sign, parts }: DiffLine): string {
  const tag = diffTags[sign];
  const text = parts.map((part) => (part.marked ? `<mark>${shown(part.text)}</mark>` : shown(part.text))).join('');
  return `<${tag}>${sign}${text}</${tag}>\n`;
}

function sampleHtml(sample: ReportSample, fields: readonly Field[], { frame }: Budget): string {
  const title = sampleTitle(sample);
  const html = sample.html === undefined ? undefined : fitted(withoutLoading(sample.html), frame, frameText);
  const cut =
    html !== undefined && html.cut ? '<p>The end of the HTML is not shown: it is too long for a report.</p>' : '';
  const shownHtml =
    html === undefined
      ? '<p>This message is text alone.</p>'
      : `<iframe sandbox="" title="${shown(`HTML of the message: ${title}`)}" srcdoc="${html.text}"></iframe>${cut}`;
  const text = fitted(sample.text, limits.text, lines);
  const more = text.cut ? '\n…' : '';
  return `<article><h3>${shown(title)}</h3>${fieldsHtml(fields)}${shownHtml}<details><summary>Text part</summary><pre dir="auto" tabindex="0">${text.text}${more}</pre></details></article>`;
}

/**
 * What a browser does for some tags before any policy is asked: it looks up hosts and opens connections, and follows
 * `refresh`. Named otherwise, they are nothing, wherever in the source they stand. A link that is followed would leave an
 * empty frame behind: with windows of their own, which the sandbox refuses, links do nothing.
 */
function withoutLoading(html: string): string {
  const inert = html.replace(/<(link|meta|base)(?=[\s/>])/gi, '<x-$1');
  return inert.replace(/^(\s*<!doctype[^>]*>)?/i, '$1<base target="_blank">');
}

/**
 * An attribute's value in double quotes: two characters could end it or be read as another. A NUL stays a character, as
 * browsers have it: taken out, it could leave a tag behind.
 */
const frameText = (html: string): string =>
  html.replaceAll('&', '&amp;').replaceAll('"', '&#34;').replaceAll('\0', '\ufffd');

/** The most of a text that takes no more octets, once it is escaped. */
function fitted(text: string, octets: number, escape: (text: string) => string): { text: string; cut: boolean } {
  const size = (length: number) => Buffer.byteLength(escape(text.slice(0, length).toWellFormed()));
  if (size(text.length) <= octets) return { text: escape(text.toWellFormed()), cut: false };
  let [fits, over] = [0, text.length];
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (size(middle) <= octets) fits = middle;
    else over = middle;
  }
  return { text: escape(text.slice(0, fits).toWellFormed()), cut: true };
}
