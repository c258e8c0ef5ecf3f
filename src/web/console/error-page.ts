import { html } from './html.js';
import type { Answer } from './route.js';

type ErrorWords = readonly [title: string, text: string];

const words: Readonly<Record<number, ErrorWords>> = {
  400: ['That did not arrive whole', 'The request could not be read. Go back and try it once more.'],
  403: [
    'Not yours to do',
    'Your roles do not let you do this. An administrator can change them; "Account" shows which you have.',
  ],
  404: ['Nothing is here', 'There is no such page or delivery. If you followed a link, see that it is complete.'],
  409: ['Refused', 'The delivery was asked and said no.'],
  413: ['Too large', 'More was sent than this page takes.'],
  419: [
    'This form is too old',
    'Nothing was done. It was open for too long, or came from elsewhere: go back, load the page again and send it once more.',
  ],
  421: ['Another address', 'The console does not answer under this name. Use the address that it was set up for.'],
  422: ['Something is missing', 'What was entered cannot be taken as it is.'],
  429: ['Too many attempts', 'Wait a minute, then try again.'],
  503: ['Not now', 'A server that this needs does not answer. Nothing was changed; try again in a minute.'],
};
const unread: ErrorWords = [
  'That cannot be answered',
  'The request is none that this page takes. Go back and try it once more.',
];
const defect: ErrorWords = [
  'That went wrong',
  'This is a defect of Sealpost, and the log of the console tells where. See whether it was done before you try it again.',
];

/** What goes wrong, for people. @param detail - a sentence that says more than the status does */
export function errorPage(status: number, detail?: string): Answer {
  const [title, text] = words[status] ?? (status < 500 ? unread : defect);
  const main = html`<div class="message">
    <p class="status-number">${status}</p>
    <h1>${title}</h1>
    <p>${detail ?? text}</p>
    <p><a href="/">Go to the deliveries</a></p>
  </div>`;
  return { status, page: { title, main } };
}
