import { listInbox, readInboxMessage, type InboxMessage } from './inbox-files.js';
import { messageIdOf } from './inbox-mail.js';

/** Which messages of the inbox are meant; all, where it is empty. */
export interface InboxFilter {
  /** Part of an envelope recipient, in any case. */
  to?: string;
  /** With angle brackets. */
  messageIds?: ReadonlySet<string>;
  /** Only those that arrived before the message of this number. */
  before?: number;
}

const groupSize = 64;

/**
 * Reads the inbox from its end, no further than needed.
 *
 * @returns the newest messages that the filter lets through, in the order of arrival; whether there are more
 */
export async function newestMessages(
  folder: string,
  limit: number,
  filter: InboxFilter,
): Promise<{ messages: InboxMessage[]; more: boolean }> {
  const { before = Infinity } = filter;
  const numbers = (await listInbox(folder)).filter((number) => number < before);
  const found: InboxMessage[] = [];
  for (let end = numbers.length; end > 0 && found.length <= limit; end -= groupSize) {
    const group = numbers.slice(Math.max(0, end - groupSize), end);
    const read = await Promise.all(group.map((number) => readInboxMessage(folder, number)));
    found.unshift(...read.filter((message) => message !== undefined).filter((message) => matches(message, filter)));
  }
  return { messages: found.slice(-limit), more: found.length > limit };
}

function matches(message: InboxMessage, { to, messageIds }: InboxFilter): boolean {
  const wanted = to?.toLowerCase();
  return (
    (wanted === undefined || message.deliveredTo.some((address) => address.toLowerCase().includes(wanted))) &&
    (messageIds === undefined || messageIds.has(messageIdOf(message)))
  );
}
