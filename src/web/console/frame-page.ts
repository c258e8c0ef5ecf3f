import { escapeHtml } from '../../content/escape-html.js';
import { framedHtml } from '../../content/inert-html.js';
import type { Answer } from './route.js';

const style =
  ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:1rem;overflow-wrap:anywhere}h1{font-size:1.125rem}pre{font:0.875rem/1.5 ui-monospace,monospace;white-space:pre-wrap;margin:0}ul{padding-left:1.25rem}';

/**
 * A document for a frame that shows no mail of its own HTML.
 *
 * @param title - plain text
 * @param body - HTML
 */
export function framePage(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${style}</style></head><body>${body}</body></html>\n`;
}

/** A message for a frame, with the images that it carries; its text where it has no HTML. */
export const mailAnswer = (html: string | undefined, text: string): Answer => ({
  frame: {
    html: html === undefined ? framePage('Text', `<pre>${escapeHtml(text)}</pre>`) : framedHtml(html, 'light'),
    images: true,
  },
});
