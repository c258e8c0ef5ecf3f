import type { TemplateText } from '../content/cut-template.js';
import { type BodyBuffers, ByteBuffer, copyToSlab } from './byte-buffer.js';
import {
  encodeAddress,
  encodeListId,
  encodeMailbox,
  encodeUnstructured,
  refuseInjection,
  type Mailbox,
} from './header-value.js';
import { sealedHeaders, sha256 } from './sealed-hash.js';
import { compileTextPart, type TextPart } from './text-part.js';

/** What is the same in all messages of a revision. */
export interface MessageFrame {
  from: Mailbox;
  replyTo?: Mailbox | undefined;
  /** RFC 2369; a bare address. */
  unsubscribeMailto?: string | undefined;
  /** RFC 8058: a POST to the message's unsubscription URL is all that it takes. */
  oneClick?: boolean | undefined;
  list?: { id: string; name?: string | undefined } | undefined;
  feedbackId?: string | undefined;
  precedence?: string | undefined;
  autoSubmitted?: string | undefined;
  /** With it the messages are multipart/alternative, text first; without it text/plain. */
  html?: TemplateText | undefined;
  text: TemplateText;
}

/** What differs from message to message. */
export interface MessageFill {
  to: string;
  subject: string;
  /** Values for the places of the frame's HTML. */
  html?: readonly string[] | undefined;
  /** Values for the places of the frame's text. */
  text: readonly string[];
  /** With angle brackets; see `messageIdentities`. */
  messageId: string;
  /** See `messageIdentities`. */
  boundary: string;
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
  const body = compileBody(frame);
  const senderHeaders: Header[] = [['From', encodeSender('From', frame.from)]];
  if (frame.replyTo) senderHeaders.push(['Reply-To', encodeSender('Reply-To', frame.replyTo)]);
  senderHeaders.push(...bulkHeaders(frame));
  const sealedSender = sealedHeaders(senderHeaders);
  const mailto = frame.unsubscribeMailto === undefined ? undefined : encodeMailto(frame.unsubscribeMailto);
  // Neighbours mostly have the same date, and often the same subject.
  const subjectOf = rememberLast((subject: string) => encodeUnstructured('Subject', subject));
  const dateOf = rememberLast(formatDate);
  const out: BodyBuffers = { wire: new ByteBuffer(), relaxed: new ByteBuffer() };

  return (fill) => {
    const varying: Header[] = [
      ['To', encodeAddress('To', fill.to)],
      ['Subject', subjectOf(fill.subject)],
      ['Date', dateOf(fill.date.getTime())],
      ['Message-ID', checkMessageId(fill.messageId)],
    ];
    const listUnsubscribe = encodeListUnsubscribe(fill.unsubscribeUrl, mailto);
    if (listUnsubscribe !== undefined) varying.push(['List-Unsubscribe', listUnsubscribe]);
    if (frame.oneClick && fill.unsubscribeUrl !== undefined)
      varying.push(['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click']);
    varying.push(['MIME-Version', '1.0'], ...body.headers(fill.boundary));
    const headers = [...senderHeaders, ...varying];
    let head = '';
    for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
    out.wire.truncate(0);
    out.relaxed.truncate(0);
    out.wire.addUtf8(`${head}\r\n`);
    const bodyOffset = out.wire.length;
    body.compose(fill, out);
    return {
      headers,
      bytes: copyToSlab(out.wire.view()),
      bodyOffset,
      sealedHeaders: sealedSender + sealedHeaders(varying),
      bodyHash: sha256(out.relaxed.view()),
    };
  };
}

function bulkHeaders({ list, feedbackId, precedence, autoSubmitted }: MessageFrame): Header[] {
  const headers: Header[] = [];
  if (list) headers.push(['List-Id', encodeListId(list)]);
  if (feedbackId !== undefined) headers.push(['Feedback-ID', encodeUnstructured('Feedback-ID', feedbackId)]);
  if (precedence !== undefined) headers.push(['Precedence', encodeUnstructured('Precedence', precedence)]);
  if (autoSubmitted !== undefined)
    headers.push(['Auto-Submitted', encodeUnstructured('Auto-Submitted', autoSubmitted)]);
  return headers;
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

function rememberLast<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  let last: { key: Key; value: Value } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) };
    return last.value;
  };
}

interface CompiledBody {
  /** The headers that say what it is. */
  headers(boundary: string): readonly Header[];
  compose(fill: MessageFill, out: BodyBuffers): void;
}

function compileBody(frame: MessageFrame): CompiledBody {
  const text = compileTextPart(frame.text);
  if (!frame.html) {
    const headers: Header[] = [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Content-Transfer-Encoding', text.encoding],
    ];
    return {
      headers: () => headers,
      compose(fill, out) {
        text.encode(fill.text, out);
        endBody(out);
      },
    };
  }
  const html = compileTextPart(frame.html);
  const textHead = partHead('text/plain', text);
  const htmlHead = partHead('text/html', html);
  return {
    headers: (boundary) => [['Content-Type', `multipart/alternative;\r\n boundary="${checkBoundary(boundary)}"`]],
    compose(fill, out) {
      const delimiter = Buffer.from(`\r\n--${fill.boundary}`, 'latin1');
      addBoth(out, delimiter.subarray(2));
      addBoth(out, textHead);
      text.encode(fill.text, out);
      addBoth(out, delimiter);
      addBoth(out, htmlHead);
      html.encode(fill.html ?? [], out);
      addBoth(out, delimiter);
      addBoth(out, closing);
    },
  };
}

const closing = Buffer.from('--\r\n');

function partHead(type: string, { encoding }: TextPart): Buffer {
  return Buffer.from(`\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`);
}

/** @param bytes - in relaxed form */
function addBoth({ wire, relaxed }: BodyBuffers, bytes: Buffer): void {
  wire.add(bytes);
  relaxed.add(bytes);
}

/** The last line of a message ends in CRLF; RFC 6376 §3.4.4 leaves empty lines at the end of a body out. */
function endBody({ wire, relaxed }: BodyBuffers): void {
  const lineEnd = Buffer.from('\r\n');
  if (wire.view().at(-1) !== 0x0a) wire.add(lineEnd);
  const text = relaxed.view();
  let end = text.length;
  while (text[end - 1] === 0x0a) end -= 2;
  relaxed.truncate(end);
  if (end > 0) relaxed.add(lineEnd);
}

/** "=_" cannot come up in quoted-printable or base64: no content can forge a boundary. */
function checkBoundary(boundary: string): string {
  if (!/^=_[A-Za-z0-9]{16,66}$/.test(boundary))
    throw new RangeError('boundary must be "=_" and 16–66 letters or digits');
  return boundary;
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
