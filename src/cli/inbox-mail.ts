import PostalMime from 'postal-mime';
import type { InboxMessage } from '../local/inbox-files.js';

/** A message of the inbox, decoded for people. */
export interface InboxMail {
  number: number;
  to: readonly string[];
  returnPath: string;
  from: string;
  subject: string;
  /** With angle brackets. */
  messageId: string;
  /** ISO 8601; empty where the message has none. */
  date: string;
  text: string;
  html: string;
}

export async function readMail(message: InboxMessage): Promise<InboxMail> {
  const {
    from,
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
    from: from?.name ? `${from.name} <${from.address ?? ''}>` : (from?.address ?? ''),
    subject,
    messageId,
    date,
    text,
    html,
  };
}

/** @returns the Message-ID with its angle brackets; empty where there is none. Reads no further than the headers */
export function messageIdOf({ message }: Pick<InboxMessage, 'message'>): string {
  const end = message.indexOf('\r\n\r\n');
  const head = message.toString('latin1', 0, end < 0 ? message.length : end);
  return /^message-id:\s*(<[^\r\n>]*>)/im.exec(head)?.[1] ?? '';
}
