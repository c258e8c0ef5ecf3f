import { escapeHtml } from '../content/escape-html.js';
import { oneLine } from '../delivery/plain-words.js';

/** A mail to operators, in both forms. */
export interface MailText {
  subject: string;
  text: string;
  html: string;
}

/** A paragraph, or a list under a title. */
export type Block = { text: string } | { title: string; lines: string[]; code?: true };

/** @param title - what it is, without the delivery */
export function mailText(title: string, about: string, blocks: readonly Block[]): MailText {
  return {
    subject: oneLine(`${title}: ${about}`),
    text: `${blocks.map(textOf).join('\n\n')}\n`,
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body>${blocks.map(htmlOf).join('')}</body></html>\n`,
  };
}

/** @param page - of the delivery; its first one where absent */
export function consoleBlocks(consoleUrl: string | undefined, delivery: string, page?: 'decision'): Block[] {
  if (consoleUrl === undefined) return [];
  const address = `${consoleUrl}/deliveries/${encodeURIComponent(delivery)}`;
  return [{ title: 'In the console', lines: [page === undefined ? address : `${address}/${page}`] }];
}

function textOf(block: Block): string {
  if ('text' in block) return oneLine(block.text);
  const mark = block.code ? '    ' : '  - ';
  return [`${block.title}:`, ...block.lines.map((line) => mark + oneLine(line))].join('\n');
}

function htmlOf(block: Block): string {
  if ('text' in block) return `<p>${escapeHtml(oneLine(block.text))}</p>`;
  const title = `<p><strong>${escapeHtml(oneLine(block.title))}</strong></p>`;
  if (block.code) return `${title}<pre>${escapeHtml(block.lines.map(oneLine).join('\n'))}</pre>`;
  return `${title}<ul>${block.lines.map((line) => `<li>${linked(line)}</li>`).join('')}</ul>`;
}

/** Findings name places and not addresses of pages: a line that is one is our own link. */
function linked(line: string): string {
  const text = escapeHtml(oneLine(line));
  return /^https?:\/\/\S+$/.test(line) ? `<a href="${text}">${text}</a>` : text;
}
