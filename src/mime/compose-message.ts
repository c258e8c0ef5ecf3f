import { encodeAddress, encodeMailbox, encodeUnstructured, refuseInjection, type Mailbox } from './header-value.js';
import { encodeText } from './quoted-printable.js';

/** What is the same in all messages of a revision. */
export interface MessageFrame {
  from: Mailbox;
  replyTo?: Mailbox | undefined;
}

/** What differs from message to message. */
export interface MessageFill {
  to: { address: string };
  subject: string;
  /** With it the message is multipart/alternative, text first; without it text/plain. */
  html?: string | undefined;
  text: string;
  /** With angle brackets; see `messageIdentity`. */
  messageId: string;
  /** See `messageIdentity`. */
  boundary: string;
  date: Date;
  /** RFC 2369: `url` is absolute, `mailto` a bare address. */
  unsubscribe?: { url?: string | undefined; mailto?: string | undefined } | undefined;
}

export type MessageInput = MessageFrame & MessageFill;

export interface ComposedMessage {
  /** In the order of the message; values folded as they stand there. */
  headers: readonly (readonly [name: string, value: string])[];
  /** What follows the empty line: the part that `bh` covers. A view of `bytes`. */
  body: Buffer;
  /** The whole message, CRLF throughout, not dot-stuffed: that is SMTP's. */
  bytes: Buffer;
  /** The To address has a local part that is not ASCII: a relay without SMTPUTF8 cannot carry this message. */
  smtpUtf8: boolean;
}

/**
 * Prepares what all messages of a revision share.
 *
 * @throws HeaderInjectionError for CR, LF or NUL in a header's value; RangeError, naming the header, for what cannot
 * stand in it. Neither quotes the value.
 */
export function compileMessage(frame: MessageFrame): (fill: MessageFill) => ComposedMessage {
  const senderHeaders: [string, string][] = [['From', encodeSender('From', frame.from)]];
  if (frame.replyTo) senderHeaders.push(['Reply-To', encodeSender('Reply-To', frame.replyTo)]);

  return (fill) => {
    const to = encodeAddress('To', fill.to.address);
    const headers: [string, string][] = [
      ...senderHeaders,
      ['To', to],
      ['Subject', encodeUnstructured('Subject', fill.subject)],
      ['Date', formatDate(fill.date)],
      ['Message-ID', checkMessageId(fill.messageId)],
    ];
    const listUnsubscribe = encodeListUnsubscribe(fill.unsubscribe ?? {});
    if (listUnsubscribe !== undefined) headers.push(['List-Unsubscribe', listUnsubscribe]);
    headers.push(['MIME-Version', '1.0']);
    const parts = composeBody(fill, headers);
    const head = Buffer.from(`${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'utf8');
    const bytes = Buffer.concat([head, ...parts]);
    return { headers, body: bytes.subarray(head.length), bytes, smtpUtf8: isNotAscii(to) };
  };
}

/**
 * One message, deterministic: the same input gives the same bytes. For many messages of a revision compile once.
 *
 * @throws as {@link compileMessage}
 */
export function composeMessage(input: MessageInput): ComposedMessage {
  return compileMessage(input)(input);
}

// eslint-disable-next-line no-control-regex -- what is not ASCII is what is not in this range
const isNotAscii = (text: string) => !/^[\0-\x7f]*$/.test(text);

/** Whoever sends to thousands of relays needs an address that all of them can write back to. */
function encodeSender(header: string, mailbox: Mailbox): string {
  const value = encodeMailbox(header, mailbox);
  if (isNotAscii(value))
    throw new RangeError(`${header}: the part before @ must be ASCII, for few systems can answer to another`);
  return value;
}

/** Adds the content headers to `headers` and returns the pieces of the body. */
function composeBody({ html, text, boundary }: MessageFill, headers: [string, string][]): Buffer[] {
  const plain = encodeText(text);
  if (html === undefined) {
    headers.push(['Content-Type', 'text/plain; charset=utf-8'], ['Content-Transfer-Encoding', plain.encoding]);
    const ends = plain.bytes.length === 0 || plain.bytes.at(-1) === 0x0a;
    return ends ? [plain.bytes] : [plain.bytes, Buffer.from('\r\n')];
  }
  // "=_" cannot come up in quoted-printable or base64: no content can forge a boundary.
  if (!/^=_[A-Za-z0-9]{16,66}$/.test(boundary))
    throw new RangeError('boundary must be "=_" and 16–66 letters or digits');
  headers.push(['Content-Type', `multipart/alternative;\r\n boundary="${boundary}"`]);
  const rich = encodeText(html);
  const partHead = (type: string, encoding: string, opening: string) =>
    Buffer.from(
      `${opening}--${boundary}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`,
      'latin1',
    );
  return [
    partHead('text/plain', plain.encoding, ''),
    plain.bytes,
    partHead('text/html', rich.encoding, '\r\n'),
    rich.bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'),
  ];
}

/** RFC 5322 §3.3, in UTC whatever the machine's zone. */
function formatDate(date: Date): string {
  if (Number.isNaN(date.getTime())) throw new RangeError('Date is not a date');
  return date.toUTCString().replace('GMT', '+0000');
}

function checkMessageId(messageId: string): string {
  refuseInjection('Message-ID', messageId);
  if (!/^<[!-;=?A-~]{1,250}@[A-Za-z0-9.-]{1,253}>$/.test(messageId)) {
    throw new RangeError('Message-ID must be <something@domain> in ASCII');
  }
  return messageId;
}

/** RFC 5322 §2.1.1: 998 on a line, here with the header's name, angle brackets and a comma. */
const longestUrl = 998 - 'List-Unsubscribe: <>,'.length;

/** RFC 2369 §3.2. Each on a line of its own, for a URL cannot be folded. */
function encodeListUnsubscribe({
  url,
  mailto,
}: {
  url?: string | undefined;
  mailto?: string | undefined;
}): string | undefined {
  const header = 'List-Unsubscribe';
  const targets: string[] = [];
  if (url !== undefined) {
    refuseInjection(header, url);
    if (!URL.canParse(url))
      throw new RangeError(`${header}: the URL must be absolute, such as https://shop.example/u/1`);
    // ASCII and free of <, > and space in this form.
    const { href, protocol } = new URL(url);
    if (protocol !== 'https:' && protocol !== 'http:')
      throw new RangeError(`${header}: the URL must begin with https://`);
    if (href.length > longestUrl)
      throw new RangeError(
        `${header}: the URL is longer than the ${longestUrl} characters that a header line can hold`,
      );
    targets.push(`<${href}>`);
  }
  if (mailto !== undefined) {
    const address = encodeSender(header, { address: mailto });
    const at = address.lastIndexOf('@');
    targets.push(`<mailto:${encodeURIComponent(address.slice(0, at))}${address.slice(at)}>`);
  }
  return targets.length === 0 ? undefined : targets.join(',\r\n ');
}
