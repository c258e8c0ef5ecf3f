import type { Needs } from '../access/route-rule.js';
import { csrfField } from '../access/csrf.js';
import type { Visitor } from '../access/visitor.js';
import { assetPath } from './assets.js';
import { html, type Html } from './html.js';
import { noticeHtml, type Notice } from './notice.js';
import type { Page } from './route.js';
import type { Waiting } from './waiting.js';

/** The navigation: an entry is shown to whom its page answers. */
const navigation: readonly {
  href: string;
  label: string;
  needs: Needs;
  /** @default always */
  when?: (around: Around) => boolean;
}[] = [
  { href: '/deliveries', label: 'Deliveries', needs: 'read' },
  { href: '/denylist', label: 'Lists', needs: 'lists' },
  { href: '/inbox', label: 'Inbox', needs: 'recipients', when: ({ hasInbox }) => hasInbox },
  { href: '/operators', label: 'Operators', needs: 'administer' },
];

/** The field that every form carries. */
export const csrfInput = (csrf: string): Html => html`<input type="hidden" name="${csrfField}" value="${csrf}" />`;

interface Around {
  visitor?: Visitor;
  csrf: string;
  notice?: Notice | undefined;
  /** Mail stays on this machine, where it can be looked at. */
  hasInbox: boolean;
  /** Deliveries that wait for this visitor. */
  waiting: Waiting | undefined;
}

/** A whole page. */
export function document({ title, main, section, bare = false, goesOnTo, scripts = [] }: Page, around: Around): string {
  const { visitor, notice } = around;
  const operator = bare ? undefined : visitor?.operator;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${goesOnTo !== undefined && html`<meta http-equiv="refresh" content="0; url=${goesOnTo}" />`}
        <title>${title} · Sealpost</title>
        <link rel="icon" href="${assetPath('seal.svg')}" type="image/svg+xml" />
        <link rel="stylesheet" href="${assetPath('console.css')}" />
        <script type="module" src="${assetPath('console.js')}"></script>
        ${scripts.map((script) => html`<script type="module" src="${assetPath(script)}"></script>`)}
      </head>
      <body class="${bare ? 'bare' : 'full'}">
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <a class="wordmark" href="/"><img src="${assetPath('seal.svg')}" alt="" width="22" height="22" />Sealpost</a>
          ${operator && visitor && topNavigation(visitor, operator.name, section, around)}
        </header>
        <main id="main" tabindex="-1">${notice && noticeHtml(notice)} ${main}</main>
      </body>
    </html> `.text;
}

const badges: readonly { kind: keyof Waiting; href: string; words: string }[] = [
  { kind: 'decisions', href: '/deliveries?status=awaiting-decision', words: 'for you to decide' },
  { kind: 'held', href: '/deliveries?status=paused', words: 'on hold' },
];

function topNavigation({ may }: Visitor, name: string, section: string | undefined, around: Around): Html {
  const { csrf, waiting } = around;
  const current = (href: string) => section === href && html`aria-current="page"`;
  const entries = navigation.filter(
    ({ needs, when }) => (needs === 'account' || needs === 'nothing' || may.has(needs)) && (when?.(around) ?? true),
  );
  return html`<nav aria-label="Main">
      <ul>
        ${entries.map(({ href, label }) => html`<li><a href="${href}" ${current(href)}>${label}</a></li>`)}
        ${badges.map(({ kind, href, words }) => {
          const count = waiting?.[kind] ?? 0;
          return (
            count > 0 &&
            html`<li>
              <a class="waiting" href="${href}"><b>${count}</b> ${words}</a>
            </li>`
          );
        })}
      </ul>
    </nav>
    <div class="who">
      <a href="/account" ${current('/account')}><bdi>${name}</bdi></a>
      <form method="post" action="/sign-out">${csrfInput(csrf)}<button class="quiet">Sign out</button></form>
    </div>`;
}
