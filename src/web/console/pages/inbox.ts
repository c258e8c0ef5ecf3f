import { z } from 'zod';
import { newestMessages } from '../../../local/inbox-search.js';
import { readMail, shownHtml, type InboxMail } from '../../../local/inbox-mail.js';
import { grouped } from '../../../delivery/plain-words.js';
import { readInboxMessage, type InboxMessage } from '../../../local/inbox-files.js';
import { errorPage } from '../error-page.js';
import { mailAnswer } from '../frame-page.js';
import { html, type Html } from '../html.js';
import { page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant } from '../shown-values.js';
import { facts } from './delivery-step.js';

const section = '/inbox';
const perPage = 30;

const query = z.object({
  to: z.string().trim().max(320).optional().catch(undefined),
  before: z.coerce.number().int().min(1).max(999_999_999).optional().catch(undefined),
});
type Query = z.output<typeof query>;

const none = errorPage(
  404,
  'There is no inbox: mail goes to a relay. The inbox is a part of the stack of one machine.',
);

async function inboxPage({ inboxFolder, query: { to, before } }: Visit<'recipients', unknown, Query>): Promise<Answer> {
  if (inboxFolder === undefined) return none;
  const filter = { ...(to && { to }), ...(before !== undefined && { before }) };
  const { messages, more } = await newestMessages(inboxFolder, perPage, filter);
  const mails = (await Promise.all(messages.map(readMail))).toReversed();
  const last = mails.at(-1);
  const main = html`<h1>Inbox</h1>
    <p>It takes every message in place of a relay, and passes nothing on.</p>
    <form class="search list-search" method="get" action="${section}" role="search">
      <label class="unseen" for="to">Search by recipient</label>
      <input id="to" type="search" name="to" value="${to ?? ''}" placeholder="a part of the recipient’s address" />
      <button>Search</button>
    </form>
    ${
      mails.length === 0
        ? html`<div class="empty"><p>${to ? 'There is no such message.' : 'Nothing has arrived yet.'}</p></div>`
        : html`<ul class="plain rows inbox">
            ${mails.map(mailRow)}
          </ul>`
    }
    ${
      more &&
      last &&
      html`<nav class="pager" aria-label="Pages">
        <span></span>
        <a
          rel="next"
          href="${section}?${new URLSearchParams({ ...(to && { to }), before: String(last.number) }).toString()}"
          >Older →</a
        >
      </nav>`
    }`;
  return { page: { title: 'Inbox', main, section } };
}

const mailRow = ({ number, subject, to, from, date }: InboxMail): Html =>
  html`<li>
    <div>
      <a href="${section}/${number}" dir="auto">${subject.trim() === '' ? '(no subject)' : subject}</a>
      <small>to <bdi>${to.join(', ')}</bdi>, from <bdi>${from}</bdi></small>
    </div>
    <small class="number">${date !== '' && instant(date)} no. ${grouped(number)}</small>
  </li>`;

const params = z.object({ number: z.coerce.number().int().min(1).max(999_999_999) });
type MailVisit = Visit<'recipients', z.output<typeof params>>;

/** Answers with a message, if there is one. */
async function withMail(
  { inboxFolder, params: { number } }: MailVisit,
  answer: (message: InboxMessage) => Promise<Answer>,
): Promise<Answer> {
  if (inboxFolder === undefined) return none;
  const message = await readInboxMessage(inboxFolder, number);
  return message ? await answer(message) : errorPage(404, 'The inbox has no such message.');
}

const mostSource = 200_000;

async function mailPage(message: InboxMessage): Promise<Answer> {
  const mail = await readMail(message);
  const source = message.message.toString('utf8');
  const main = html`<nav class="crumbs" aria-label="Where this is"><a href="${section}">Inbox</a></nav>
    <h1 dir="auto">${mail.subject.trim() === '' ? '(no subject)' : mail.subject}</h1>
    ${facts(
      (
        [
          ['to', mail.to.join(', ')],
          ['from', mail.from],
          ['reply to', mail.replyTo],
          ['return path', mail.returnPath || '(none)'],
          ['date', mail.date && instant(mail.date)],
          ['message id', mail.messageId],
          ['unsubscribe', mail.listUnsubscribe],
        ] as const
      ).filter(([, value]) => value !== ''),
    )}
    ${
      mail.html !== '' &&
      html`<iframe
        class="mail"
        src="${section}/${mail.number}/html"
        title="The message as its reader sees it"
        sandbox
      ></iframe>`
    }
    <details ${mail.html === '' && html`open`}>
      <summary>Text part</summary>
      <pre class="raw" dir="auto" tabindex="0">${mail.text}</pre>
    </details>
    <details>
      <summary>Source</summary>
      <p><a href="${section}/${mail.number}/message.eml" download>As a file</a></p>
      <pre class="raw" tabindex="0">${source.slice(0, mostSource).toWellFormed()}</pre>
      ${source.length > mostSource && html`<p class="hint">It goes on; the file has all of it.</p>`}
    </details>`;
  return { page: { title: mail.subject || 'Message', main, section } };
}

export const inboxRoutes: readonly ConsoleRoute[] = [
  page({ path: section, needs: 'recipients', query, answer: inboxPage }),
  page({ path: `${section}/:number`, needs: 'recipients', params, answer: (visit) => withMail(visit, mailPage) }),
  page({
    path: `${section}/:number/html`,
    needs: 'recipients',
    params,
    answer: (visit) =>
      withMail(visit, async (message) => mailAnswer(await shownHtml(message), (await readMail(message)).text)),
  }),
  page({
    path: `${section}/:number/message.eml`,
    needs: 'recipients',
    params,
    answer: (visit) =>
      withMail(visit, (message) =>
        Promise.resolve({
          download: { name: `${message.number}.eml`, type: 'message/rfc822', body: message.message },
        }),
      ),
  }),
];
