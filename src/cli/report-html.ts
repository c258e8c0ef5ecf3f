import type { DeliveryReport, ReportSample } from '../client/index.js';
import { escapeHtml } from '../content/escape-html.js';
import { withoutLoading } from '../content/inert-html.js';
import { fieldsHtml, lines, mostSources, sectionHtml, shown, type Written } from '../wording/report-blocks-html.js';
import { reportStyle } from './report-html-style.js';
import { sampleTitle } from '../wording/report-sample.js';
import { reportSections } from '../wording/report-sections.js';
import type { Field } from '../wording/terminal-text.js';

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

/** Octets of a page that can be sent as a mail, and of a text part; the HTML of messages has what they leave. */
const limits = { page: 980_000, text: 20_000 };

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
  const written: Written = { sources: mostSources, sample: (sample, fields) => sampleHtml(sample, fields, frame) };
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
${sections.map((section) => sectionHtml(section, written)).join('\n')}
</main>
</body>
</html>
`;
}

/** @param frame - octets of the message's HTML */
function sampleHtml(sample: ReportSample, fields: readonly Field[], frame: number): string {
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
