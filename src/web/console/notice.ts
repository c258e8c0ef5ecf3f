import { z } from 'zod';
import { proofOf, sameText } from '../access/secret.js';
import { html, type Html } from './html.js';

const noticeSchema = z.strictObject({ kind: z.enum(['done', 'queued', 'refused']), text: z.string().max(1_500) });

/** What became of a form, for the page that comes after it. */
export type Notice = z.output<typeof noticeSchema>;

/** As a cookie carries it: signed, for what it says is taken for ours. */
export function sealedNotice(notice: Notice, secret: string): string {
  const text = notice.text.slice(0, 1_500).toWellFormed();
  const written = Buffer.from(JSON.stringify({ ...notice, text })).toString('base64url');
  return `${written}.${proofOf(secret, `notice:${written}`)}`;
}

export function openNotice(cookie: string | undefined, secret: string | undefined): Notice | undefined {
  const [written = '', proof = ''] = cookie?.split('.') ?? [];
  if (secret === undefined || !sameText(proof, proofOf(secret, `notice:${written}`))) return undefined;
  return noticeSchema.safeParse(JSON.parse(Buffer.from(written, 'base64url').toString())).data;
}

const marks = { done: '✓', queued: '…', refused: '!' } as const;

/** A refusal is told at once, whatever is read out. */
export function noticeHtml({ kind, text }: Notice): Html {
  return html`<div class="notice ${kind}" role="${kind === 'refused' ? 'alert' : 'status'}">
    <span class="mark" aria-hidden="true">${marks[kind]}</span>
    <p>${text}</p>
  </div>`;
}
