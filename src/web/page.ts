import { createHash } from 'node:crypto';
import { escapeHtml } from '../content/escape-html.js';

const style =
  'body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem;color:#222;background:#fff}button{font:inherit;padding:.5rem 1.2rem}';

/**
 * What every answer carries: nothing is loaded, run, framed, cached or told to another site. A message as a page has a
 * `content-security-policy` of its own.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  // The token stands in the address.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
};

/**
 * @param title - plain text
 * @param body - HTML
 */
export function page(title: string, body: string): string {
  const shown = escapeHtml(title);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${shown}</title><style>${style}</style></head><body><h1>${shown}</h1>${body}</body></html>\n`;
}
