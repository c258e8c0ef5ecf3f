import PostalMime, { type Address } from 'postal-mime';
import type { InboxMessage } from './inbox-files.js';

/** A message of the inbox, decoded for people. */
export interface InboxMail {
  number: number;
  to: readonly string[];
  returnPath: string;
  from: string;
  /** Empty where there is none. */
  replyTo: string;
  subject: string;
  /** With angle brackets. */
  messageId: string;
  /** ISO 8601; empty where the message has none. */
  date: string;
  /** The header as it arrived, unfolded; empty where there is none. */
  listUnsubscribe: string;
  text: string;
  html: string;
}

export async function readMail(message: InboxMessage): Promise<InboxMail> {
  const {
    from,
    replyTo = [],
    headers,
    subject = '',
    messageId = '',
    date = '',
    text = '',
    html = '',
  } = await PostalMime.parse(message.message);
  return {
    number: message.number,
    to: message.deliveredTo,
    returnPath: message.returnPath,
    from: mailboxText(from),
    replyTo: replyTo.map(mailboxText).join(', '),
    subject,
    messageId,
    date,
    listUnsubscribe: headers.find(({ key }) => key === 'list-unsubscribe')?.value ?? '',
    text,
    html,
  };
}

const shownTypes = /^image\/(?:png|jpe?g|gif|webp)$/i;

/** @returns the HTML part with the message's own pictures in it; undefined where there is none */
export async function shownHtml({ message }: Pick<InboxMessage, 'message'>): Promise<string | undefined> {
  const { html, attachments } = await PostalMime.parse(message);
  if (html === undefined || html === '') return undefined;
  return attachments.reduce((shown, { contentId, mimeType, content }) => {
    const id = contentId?.replace(/^<|>$/g, '');
    if (!id || !shownTypes.test(mimeType) || typeof content === 'string') return shown;
    const bytes = Buffer.from(content instanceof Uint8Array ? content : new Uint8Array(content));
    return shown.replaceAll(`cid:${id}`, `data:${mimeType};base64,${bytes.toString('base64')}`);
  }, html);
}

function mailboxText(mailbox: Address | undefined): string {
  const { name = '', address = '' } = mailbox ?? {};
  return name ? `${name} <${address}>` : address;
}

/** @returns the Message-ID with its angle brackets; empty where there is none. Reads no further than the headers */
export function messageIdOf({ message }: Pick<InboxMessage, 'message'>): string {
  const end = message.indexOf('\r\n\r\n');
  const head = message.toString('latin1', 0, end < 0 ? message.length : end);
  return /^message-id:\s*(<[^\r\n>]*>)/im.exec(head)?.[1] ?? '';
}
