import { type BodyBuffers, ByteBuffer, copyToSlab } from './byte-buffer.js';
import type { CharsetEncoder } from './charset-encoder.js';
import { compileOnce } from './compile-once.js';
import { type BodyFill, type BodyFrame, compileBody, endBody } from './compile-body.js';
import {
  encodeAddress,
  encodeListId,
  encodeMailbox,
  encodeUnstructured,
  longestLine,
  refuseInjection,
  type Mailbox,
} from './header-value.js';
import { sealedHeaders, sha256 } from './sealed-hash.js';

/** What is the same in all messages of a revision. */
export interface MessageFrame extends BodyFrame {
  /** Absent where it is personalised, and stands in each fill. */
  from?: Mailbox | undefined;
  /** Beside `from` only. */
  replyTo?: Mailbox | undefined;
  /** RFC 2369; a bare address. */
  unsubscribeMailto?: string | undefined;
  /** RFC 8058: a POST to the message's unsubscription URL is all that it takes. */
  oneClick?: boolean | undefined;
  list?: { id: string; name?: string | undefined } | undefined;
  feedbackId?: string | undefined;
  precedence?: string | undefined;
  autoSubmitted?: string | undefined;
  /** Headers beside those of the system, in this order; names are checked by `extraHeadersSchema`. */
  extra?: readonly Header[] | undefined;
}

/** What differs from message to message. */
export interface MessageFill extends BodyFill {
  to: string;
  /** Where the frame has none. */
  from?: Mailbox | undefined;
  /** Beside `from` only. */
  replyTo?: Mailbox | undefined;
  subject: string;
  /** Personalised headers, beside the frame's. */
  extra?: readonly Header[] | undefined;
  /** This message goes without the frame's HTML. */
  textOnly?: boolean | undefined;
  /** With angle brackets; see `messageIdentities`. */
  messageId: string;
  date: Date;
  /** RFC 2369; absolute. */
  unsubscribeUrl?: string | undefined;
}

/** A header's value is folded as it stands in the message. */
export type Header = readonly [name: string, value: string];

export interface ComposedMessage {
  /** In the order of the message. */
  headers: readonly Header[];
  /** The whole message, CRLF throughout, not dot-stuffed: that is SMTP's, and no line begins with a dot. */
  bytes: Buffer;
  /** Where in `bytes` the body begins, behind the empty line. */
  bodyOffset: number;
  /** The headers that the seal covers, in relaxed form; see `sealedHeaders`. */
  sealedHeaders: string;
  /** The `bh` of DKIM with relaxed body canonicalisation, 32 bytes. */
  bodyHash: Buffer;
}

/**
 * Prepares what all messages of a revision share. What it returns is deterministic: the same input gives the same bytes.
 *
 * @throws HeaderInjectionError for CR, LF or NUL in a header's value; RangeError, naming the header, for what cannot
 * stand in it. Neither quotes the value.
 */
export function compileMessage(frame: MessageFrame): (fill: MessageFill) => ComposedMessage {
  const head = compileHead(frame);
  const { html: _html, ...textFrame } = frame;
  // What only the HTML has and cannot be written keeps nobody from getting the text.
  const body = compileOnce(() => compileBody(frame));
  const textBody = compileOnce(() => compileBody(textFrame));
  const out: BodyBuffers = { wire: new ByteBuffer(), relaxed: new ByteBuffer() };

  return (fill) => {
    const chosen = fill.textOnly ? textBody() : body();
    const { headers, sealed } = head(fill, chosen.headers(fill.boundary));
    let lines = '';
    for (const [name, value] of headers) lines += `${name}: ${value}\r\n`;
    out.wire.truncate(0);
    out.relaxed.truncate(0);
    out.wire.addUtf8(`${lines}\r\n`);
    const bodyOffset = out.wire.length;
    chosen.write(fill, out);
    endBody(out);
    return {
      headers,
      bytes: copyToSlab(out.wire.view()),
      bodyOffset,
      sealedHeaders: sealed,
      bodyHash: sha256(out.relaxed.view()),
    };
  };
}

/** @param body - the headers that say what the body is */
type ComposeHead = (fill: MessageFill, body: readonly Header[]) => { headers: readonly Header[]; sealed: string };

function compileHead(frame: MessageFrame): ComposeHead {
  const { encoder, oneClick } = frame;
  const fixed: Header[] = [...senderHeaders(frame, encoder), ...bulkHeaders(frame)];
  const sealedFixed = sealedHeaders(fixed);
  const mailto = frame.unsubscribeMailto === undefined ? undefined : encodeMailto(frame.unsubscribeMailto);
  // Neighbours mostly have the same date, and often the same subject.
  const subjectOf = rememberLast((subject: string) => encodeUnstructured('Subject', subject, encoder));
  const dateOf = rememberLast(formatDate);

  return (fill, body) => {
    const varying = senderHeaders(fill, encoder);
    varying.push(
      ['To', encodeAddress('To', fill.to)],
      ['Subject', subjectOf(fill.subject)],
      ['Date', dateOf(fill.date.getTime())],
      ['Message-ID', checkMessageId(fill.messageId)],
    );
    for (const [name, value] of fill.extra ?? [])
      varying.push([name, encodeUnstructured(name, value, encoder, longestLine)]);
    const listUnsubscribe = encodeListUnsubscribe(fill.unsubscribeUrl, mailto);
    if (listUnsubscribe !== undefined) varying.push(['List-Unsubscribe', listUnsubscribe]);
    if (oneClick && fill.unsubscribeUrl !== undefined)
      varying.push(['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click']);
    varying.push(['MIME-Version', '1.0'], ...body);
    return { headers: [...fixed, ...varying], sealed: sealedFixed + sealedHeaders(varying) };
  };
}

function senderHeaders({ from, replyTo }: Pick<MessageFill, 'from' | 'replyTo'>, encoder?: CharsetEncoder): Header[] {
  if (!from) return [];
  const headers: Header[] = [['From', encodeSender('From', from, encoder)]];
  if (replyTo) headers.push(['Reply-To', encodeSender('Reply-To', replyTo, encoder)]);
  return headers;
}

function bulkHeaders({ list, feedbackId, precedence, autoSubmitted, extra = [], encoder }: MessageFrame): Header[] {
  const headers: Header[] = [];
  if (list) headers.push(['List-Id', encodeListId(list, encoder)]);
  if (feedbackId !== undefined) headers.push(['Feedback-ID', encodeUnstructured('Feedback-ID', feedbackId)]);
  if (precedence !== undefined) headers.push(['Precedence', encodeUnstructured('Precedence', precedence)]);
  if (autoSubmitted !== undefined)
    headers.push(['Auto-Submitted', encodeUnstructured('Auto-Submitted', autoSubmitted)]);
  for (const [name, value] of extra) headers.push([name, encodeUnstructured(name, value, encoder, longestLine)]);
  return headers;
}

// eslint-disable-next-line no-control-regex -- what is not ASCII is what is not in this range
const isNotAscii = (text: string) => !/^[\0-\x7f]*$/.test(text);

/** Whoever sends to thousands of relays needs an address that all of them can write back to. */
function encodeSender(header: string, mailbox: Mailbox, encoder?: CharsetEncoder): string {
  const value = encodeMailbox(header, mailbox, encoder);
  if (isNotAscii(value))
    throw new RangeError(`${header}: the part before @ must be ASCII, for few systems can answer to another`);
  return value;
}

function rememberLast<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  let last: { key: Key; value: Value } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) };
    return last.value;
  };
}

/** RFC 5322 §3.3, in UTC whatever the machine's zone. */
function formatDate(time: number): string {
  if (Number.isNaN(time)) throw new RangeError('Date is not a date');
  return new Date(time).toUTCString().replace('GMT', '+0000');
}

function checkMessageId(messageId: string): string {
  if (!/^<[!-;=?A-~]{1,250}@[A-Za-z0-9.-]{1,253}>$/.test(messageId)) {
    throw new RangeError('Message-ID must be <something@domain> in ASCII');
  }
  return messageId;
}

/** RFC 2369 §3.2. Each on a line of its own, for a URL cannot be folded. */
function encodeListUnsubscribe(url: string | undefined, mailto: string | undefined): string | undefined {
  if (url === undefined) return mailto;
  return mailto === undefined ? encodeUrl(url) : `${encodeUrl(url)},\r\n ${mailto}`;
}

/** RFC 5322 §2.1.1: 998 on a line, here with the header's name, angle brackets and a comma. */
const longestUrl = 998 - 'List-Unsubscribe: <>,'.length;

function encodeUrl(url: string): string {
  const header = 'List-Unsubscribe';
  refuseInjection(header, url);
  // ASCII and free of <, > and space in this form.
  const { href, protocol } = parseUrl(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new RangeError(`${header}: the URL must begin with https://`);
  if (href.length > longestUrl)
    throw new RangeError(`${header}: the URL is longer than the ${longestUrl} characters that a header line can hold`);
  return `<${href}>`;
}

function parseUrl(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new RangeError('List-Unsubscribe: the URL must be absolute, such as https://shop.example/u/1');
  }
}

function encodeMailto(mailto: string): string {
  const address = encodeSender('List-Unsubscribe', { address: mailto });
  const at = address.lastIndexOf('@');
  return `<mailto:${encodeURIComponent(address.slice(0, at))}${address.slice(at)}>`;
}
