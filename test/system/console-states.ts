import { openInboxFolder } from '../../src/local/inbox-files.js';
import type { RelayAnswer, RelayStage } from '../smtp/scripted-relay.js';
import { definition, recipients, type Values } from './definition.js';
import { eventually, inPhase, type TestEnvironment } from './environment.js';

/** How what people write is written: as it is, or as somebody hostile would. */
export type Write = (field: string, plain: string) => string;

/** A relay that refuses one recipient of a delivery, and takes another one's message without an answer. */
export function mixedRelay(write: Write) {
  return (stage: RelayStage, { recipient }: { recipient: string }): RelayAnswer => {
    if (stage !== 'dot') return undefined;
    if (recipient.startsWith('person2@')) return `550 5.1.1 ${write('reply', 'no such user')}`;
    if (recipient.startsWith('person3@')) return 'drop';
    return `250 2.0.0 ${write('reply that takes it', 'kept')}`;
  };
}

/** Of a delivery with everything in it that people write. */
function written(id: string, write: Write, own: Partial<Values> = {}): Values {
  return definition({
    id,
    name: write('name', 'Winter news'),
    sender: {
      name: write('sender', 'Garden'),
      address: 'news@garden.example',
      replyTo: { name: write('answers to', 'Care'), address: 'care@garden.example' },
    },
    subject: `For {{ first_name }}: ${write('subject', 'snow')}`,
    headers: { 'X-Campaign': write('header', 'winter') },
    list: { id: 'news.garden.example', name: write('list', 'News') },
    content: {
      html: `<p>Dear {{ first_name }}, <a href="{{ unsubscribe_url }}">leave</a></p>`,
      text: `Dear {{ first_name }}, ${write('text', 'it snows')}: {{ unsubscribe_url }}`,
    },
    attachments: [{ name: 'plan.txt', content: Buffer.from('A plan.'), type: 'text/plain' }],
    recipients: [
      ...recipients(4).map((one) => ({ ...one, first_name: write('field', one.first_name) })),
      { email: write('address', 'nobody at all'), first_name: 'Nobody' },
    ],
    proofs: { recipients: ['proof@garden.example'], subjectPrefix: `Proof {n} ${write('prefix', 'of it')}: ` },
    approval: { approvers: ['approver'] },
    ...own,
  });
}

/** Deliveries in each state that pages tell apart: `waiting`, `paused`, `ended`, `faulty` and `stopped`. */
export async function makeDeliveries({ sealpost }: TestEnvironment, write: Write): Promise<void> {
  const author = (what: string) => ({ operator: 'author', comment: write(what, `for ${what}`) });
  const start = (id: string, own: Partial<Values> = {}) =>
    sealpost.start(written(id, write, own), { operator: 'author' });
  const decide = async (of: Awaited<ReturnType<typeof start>>, verdict: 'confirm' | 'reject') => {
    const { seal = '' } = await inPhase(of, 'awaiting-decision');
    await of.decide({ operator: 'approver', verdict, seal, comment: write(`comment to ${verdict}`, 'as talked over') });
  };

  const approval = { approvers: ['approver', 'owner'], quorum: 2, contentApproval: { reviewers: ['reviewer'] } };
  const waiting = await start('waiting', { approval });
  const paused = await start('paused', { sending: { rate: '1/min', waves: { size: 2, every: '1h' } } });
  const ended = await start('ended');
  const stopped = await start('stopped');
  await start('faulty', { subject: `For {{ nickname }} ${write('subject', 'snow')}` });

  await inPhase(waiting, 'awaiting-decision');
  const review = (proof: number, verdict: 'approve' | 'reject') =>
    waiting.reviewProof({ operator: 'reviewer', verdict, proof, comment: write(`review to ${verdict}`, 'the price') });
  await review(1, 'reject');
  await decide(waiting, 'reject');
  await waiting.revise(
    written('waiting', write, { approval, name: write('new name', 'Winter news 2') }),
    author('edit'),
  );
  await eventually(
    () => waiting.show(),
    ({ phase, proofs }) => phase === 'awaiting-decision' && proofs.length === 2,
  );
  await review(2, 'approve');

  await decide(paused, 'confirm');
  await inPhase(paused, 'sending');
  await paused.pause(author('pause'));
  await inPhase(paused, 'paused');

  await decide(ended, 'confirm');
  await inPhase(ended, 'finished');

  await inPhase(stopped, 'awaiting-decision');
  await stopped.stop(author('stop'));
  await stopped.outcome();
}

/** Puts a mail into the inbox, as anybody could send it. */
export function keepMail(folder: string, write: Write): void {
  const header = (name: string, value: string) => `${name}: ${value}\r\n`;
  const head =
    header('Subject', write('mail: subject', 'Hello')) +
    header('From', `"${write('mail: from', 'Ann').replaceAll(/["\\]/g, '\\$&')}" <ann@shop.example>`) +
    header('Reply-To', `"${write('mail: answers to', 'Ann').replaceAll(/["\\]/g, '\\$&')}" <ann@shop.example>`) +
    header('Date', write('mail: date', 'Thu, 26 Nov 2026 10:00:00 +0000')) +
    header('Message-ID', `<${write('mail: id', 'x')}@shop.example>`) +
    header('List-Unsubscribe', `<${write('mail: unsubscribe', 'https://shop.example/')}>`) +
    header('MIME-Version', '1.0') +
    header('Content-Type', 'multipart/alternative; boundary=b');
  const part = (type: string, text: string) => `--b\r\nContent-Type: ${type}; charset=utf-8\r\n\r\n${text}\r\n`;
  const mail = `${head}\r\n${part('text/plain', write('mail: text', 'Hello'))}${part('text/html', write('mail: html', '<p>Hello</p>'))}--b--\r\n`;
  const envelope = { from: write('mail: return path', 'ann@shop.example'), to: [write('mail: to', 'me@shop.example')] };
  openInboxFolder(folder).keep(envelope, [Buffer.from(mail)]);
}

const delivery = (id: string, ...pages: string[]) => pages.map((page) => `/deliveries/${id}${page}`);

/** Files that are saved: no pages. */
const downloads = [
  '/deliveries/:id/recipients.csv',
  '/deliveries/:id/audit.ndjson',
  '/inbox/:number/message.eml',
] as const;
/** What strangers see. */
const outside = ['/', '/sign-in', '/sign-in/callback', '/welcome/:secret'] as const;
/** What pages are renewed by: they answer as long as somebody listens. */
export const streams: readonly string[] = ['/news', '/deliveries/:id/news'];

/** Where each page of the table of routes shows something; frames of mail are told apart. */
const shown: Readonly<Record<string, readonly string[]>> = {
  '/account': ['/account'],
  '/account/keys/new': ['/account/keys/new'],
  '/deliveries': ['/deliveries', '/deliveries?search=winter&status=wanted', '/deliveries?search=no-such'],
  '/deliveries/:id': ['waiting', 'paused', 'ended', 'faulty', 'stopped'].map((id) => `/deliveries/${id}`),
  '/deliveries/:id/stop': delivery('paused', '/stop'),
  '/deliveries/:id/report': delivery('waiting', '/report'),
  '/deliveries/:id/preview': delivery('waiting', '/preview?view=phone', '/preview?view=text', '/preview?view=source'),
  '/deliveries/:id/proofs': [...delivery('waiting', '/proofs', '/proofs?proof=1'), ...delivery('faulty', '/proofs')],
  '/deliveries/:id/decision': [...delivery('waiting', '/decision'), ...delivery('ended', '/decision')],
  '/deliveries/:id/edit': delivery('waiting', '/edit'),
  '/deliveries/:id/recipients': delivery(
    'ended',
    '/recipients',
    '/recipients?of=1',
    '/recipients?status=failed&search=person',
    '/recipients?search=no-such',
  ),
  '/deliveries/:id/recipients/:seq': delivery('ended', '/recipients/1', '/recipients/2', '/recipients/5'),
  '/deliveries/:id/in-doubt': [...delivery('ended', '/in-doubt'), ...delivery('paused', '/in-doubt')],
  '/deliveries/:id/timeline': [...delivery('waiting', '/timeline'), ...delivery('stopped', '/timeline?kind=stop')],
  '/deliveries/:id/bundle': delivery('ended', '/bundle'),
  '/deliveries/:id/sending': [...delivery('paused', '/sending'), ...delivery('ended', '/sending')],
  '/denylist': ['/denylist', '/denylist?search=no-such'],
  '/quarantine': ['/quarantine'],
  '/operators': ['/operators'],
  '/operators/:id': ['/operators/owner', '/operators/approver'],
  '/new-delivery': ['/new-delivery', '/new-delivery?begin=example'],
  '/inbox': ['/inbox', '/inbox?to=nobody'],
  '/inbox/:number': ['/inbox/1'],
};
const frames: Readonly<Record<string, readonly string[]>> = {
  '/deliveries/:id/preview/frame': delivery('waiting', '/preview/frame', '/preview/frame?scheme=dark&images=off'),
  '/inbox/:number/html': ['/inbox/1/html'],
};

/** All that there is to look at for who has signed in, with what stands for pages that are not there. */
export const pagesInside: readonly string[] = [...Object.values(shown).flat(), '/no-such-page'];
export const framesOfMail: readonly string[] = Object.values(frames).flat();

/** Paths of the routes that are looked at, saved or for strangers. */
export const knownPages: readonly string[] = [
  ...Object.keys(shown),
  ...Object.keys(frames),
  ...downloads,
  ...outside,
  ...streams,
];
