import { proofOf, sameText } from '../access/secret.js';
import { html, type Html } from './html.js';

/** What became of a form, for the page that comes after it. */
export interface Notice {
  kind: 'done' | 'queued' | 'refused';
  text: string;
}

const marks = { done: '✓', queued: '…', refused: '!' } as const satisfies Record<Notice['kind'], string>;

/** Octets of a text: browsers keep no cookie of more than 4,096. */
const longest = 2_400;

/** As a cookie carries it: signed, for what it says is taken for ours. */
export function sealedNotice({ kind, text }: Notice, secret: string): string {
  const octets = Buffer.from(text).subarray(0, longest);
  const written = Buffer.concat([Buffer.from(`${kind} `), octets]).toString('base64url');
  return `${written}.${proofOf(secret, `notice:${written}`)}`;
}

export function openNotice(cookie: string | undefined, secret: string | undefined): Notice | undefined {
  const [written = '', proof = ''] = cookie?.split('.') ?? [];
  if (secret === undefined || !sameText(proof, proofOf(secret, `notice:${written}`))) return undefined;
  const [, kind = '', text = ''] = /^(\w+) ([^]*)$/.exec(Buffer.from(written, 'base64url').toString()) ?? [];
  return Object.hasOwn(marks, kind) ? { kind: kind as Notice['kind'], text } : undefined;
}

/** A refusal is told at once, whatever is read out. */
export function noticeHtml({ kind, text }: Notice): Html {
  return html`<div class="notice ${kind}" data-told role="${kind === 'refused' ? 'alert' : 'status'}">
    <span class="mark" aria-hidden="true">${marks[kind]}</span>
    <p>${text}</p>
  </div>`;
}
