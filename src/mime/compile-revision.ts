import type { TemplateText } from '../content/cut-template.js';
import { nameCharset } from '../content/meta-charset.js';
import { PersonalisationError } from '../content/personalise.js';
import { domainOf } from '../delivery/address.js';
import { contentSent } from '../delivery/content-format.js';
import type { Content, DeliverySettings, Profile } from '../delivery/definition.js';
import { isTemplate } from '../delivery/definition-text.js';
import { mobileCarriers, mobileCharset, type MobileCarrierId } from '../delivery/mobile-carriers.js';
import { compileMobileFormat } from '../delivery/mobile-format.js';
import { type CharsetEncoder, charsetEncoder } from './charset-encoder.js';
import { type FilePart, filePart } from './compile-body.js';
import { compileOnce } from './compile-once.js';
import { compileMessage, type ComposedMessage, type MessageFrame } from './compose-message.js';
import { archiveAddress } from './envelope-addresses.js';
import { compileExtraHeaders, compileReturnPath, compileSender, isPersonalised } from './personalised-headers.js';
import { HeaderInjectionError } from './header-value.js';
import { compileTexts, type FilledMessage, type MessageTexts } from './message-values.js';
import { computeLeaf, messageIdentities, sealedHashes } from './sealed-hash.js';
import { compileOctets } from './text-part.js';

/** What a message is made for. */
export interface MessageSubject {
  /** 0 is the main target, N the Nth proof. */
  proof: number;
  seq: number;
  /** As in the envelope. */
  address: string;
  fields: Profile['fields'];
  /** Of the profile, where the message is a proof; see `substitutedFields`. */
  profileAddress?: string | null;
  /** The message's Date. It is not sealed, so any will do in the analysis. */
  date: Date;
}

/** A message as every attempt hands it to the relay. */
export interface RenderedMessage extends Omit<ComposedMessage, 'sealedHeaders'> {
  envelope: { sender: string; recipient: string };
  /** This message's commitment, 32 bytes. */
  leaf: Buffer;
  /** Octets of its HTML in UTF-8, before the transfer encoding; 0 where it has none. Counted when asked for. */
  readonly htmlBytes: number;
  /** Of one for a Japanese mobile. Counted when asked for. */
  readonly mobile: MobileParts | undefined;
}

/** What a Japanese mobile gets. */
export interface MobileParts {
  carrier: MobileCarrierId;
  /** Octets of the parts as they are encoded, before the transfer encoding; 0 where it has no HTML. */
  bytes: { html: number; text: number };
}

/** A message that no mail system could carry, such as one whose unsubscription URL is longer than a header's line. */
class MessageUnfitError extends Error {
  override readonly name = 'MessageUnfitError';
}

/**
 * Whether a recipient's own values are what keeps the message from being made. The error's message holds none of them, but
 * for a character that a forced encoding does not have.
 */
export function isRecipientFault(error: unknown): error is Error {
  return error instanceof PersonalisationError || error instanceof MessageUnfitError;
}

/** What the messages of a revision are made from. */
export interface RenderedRevision {
  deliveryId: string;
  deliveryKey: number;
  hash: string;
  /** Of the delivery. */
  secret: Buffer;
  settings: DeliverySettings;
  content: Content;
}

export type RenderMessage = (subject: MessageSubject) => RenderedMessage;

/**
 * Prepares everything that the messages of a revision share. Analysis, proofs and sending all render through this one
 * function: same message, same bytes, but for Date. Who reads mail on a Japanese mobile gets the message in its format.
 *
 * The function that it returns throws errors that {@link isRecipientFault} knows, for a recipient who lacks what the
 * content asks for.
 */
export function compileRevision(revision: RenderedRevision): RenderMessage {
  const content = contentSent(revision.settings, revision.content);
  const parts = { content, files: compileOnce(() => content.files?.map(filePart)) };
  const carrierOf = compileMobileFormat(revision.settings);
  const ordinary = compileVariant(revision, parts);
  const mobiles = new Map<MobileCarrierId, RenderMessage>();
  const mobileOf = (carrier: MobileCarrierId): RenderMessage => {
    const settings = { ...revision.settings, charset: mobileCharset };
    const render = mobiles.get(carrier) ?? compileVariant({ ...revision, settings }, parts, carrier);
    mobiles.set(carrier, render);
    return render;
  };
  return (message) => {
    const carrier = carrierOf(message);
    return (carrier === undefined ? ordinary : mobileOf(carrier))(message);
  };
}

/** What all variants of a revision's messages are made from. */
interface SharedParts {
  content: Content;
  /** Encoded with the first message, once for all. */
  files: () => readonly FilePart[] | undefined;
}

/** @param carrier - whose mobiles show the messages */
function compileVariant(revision: RenderedRevision, parts: SharedParts, carrier?: MobileCarrierId): RenderMessage {
  const { settings, secret, hash } = revision;
  const encoder = charsetEncoder(settings.charset);
  const texts = compileTexts(revision, inCharset(parts.content, encoder));
  const structure = carrier && mobileCarriers[carrier].structure;
  // Made with the first message: step 1, which tells what keeps it from being made, must not fail itself.
  const compose = compileOnce(() =>
    compileMessage({
      ...frameOf(settings),
      html: texts.html,
      text: texts.text,
      encoder,
      files: parts.files(),
      structure,
    }),
  );
  const returnPathOf = compileReturnPath(revision);
  const senderOf = compileSender(settings.sender);
  const extraOf = compileExtraHeaders(settings.headers);
  const archive = archiveAddress(settings);
  const mobileParts = compileOnce(() => compileMobileParts(texts, carrier));
  const counts: PartCounts = {
    htmlBytes: filledBytes(texts.html),
    mobile: (values) => mobileParts()(values),
  };
  const identify = messageIdentities({ secret, hash, domain: domainOf(settings.sender.address) });

  return (message) => {
    const { address: to, date } = message;
    const { messageId, boundary, envelopeSalt } = identify(message);
    const { key, subject, textOnly, values } = texts.fill(message);
    const { lines, html, text, unsubscribeUrl } = values;
    return fit(() => {
      const { from, replyTo } = senderOf(lines);
      const extra = extraOf(lines);
      // prettier-ignore
      const composed = compose()({ to, from, replyTo, subject, extra, messageId, date, unsubscribeUrl, html, text, textOnly, boundary });
      const sender = returnPathOf(key, lines);
      // Of proofs an archive gets no copy.
      const sealed = { salt: envelopeSalt, sender, recipient: to, archive: key.proof > 0 ? undefined : archive };
      const leaf = computeLeaf(sealedHashes(sealed, composed));
      return new MadeMessage(composed, { sender, recipient: to }, leaf, values, counts);
    });
  };
}

type PartValues = Pick<FilledMessage['values'], 'html' | 'text'>;

/** Sending has no use for these. */
interface PartCounts {
  htmlBytes: (values: PartValues['html']) => number;
  mobile: (values: PartValues) => MobileParts | undefined;
}

/** A class, for V8 keeps an object that is written with accessors as a hash table. */
class MadeMessage implements RenderedMessage {
  readonly headers: RenderedMessage['headers'];
  readonly bytes: Buffer;
  readonly bodyOffset: number;
  readonly bodyHash: Buffer;
  readonly #values: PartValues;
  readonly #counts: PartCounts;

  constructor(
    { headers, bytes, bodyOffset, bodyHash }: ComposedMessage,
    readonly envelope: RenderedMessage['envelope'],
    readonly leaf: Buffer,
    values: PartValues,
    counts: PartCounts,
  ) {
    this.headers = headers;
    this.bytes = bytes;
    this.bodyOffset = bodyOffset;
    this.bodyHash = bodyHash;
    this.#values = values;
    this.#counts = counts;
  }

  get htmlBytes(): number {
    return this.#counts.htmlBytes(this.#values.html);
  }

  get mobile(): MobileParts | undefined {
    return this.#counts.mobile(this.#values);
  }
}

function compileMobileParts(
  { html, text }: Pick<MessageTexts, 'html' | 'text'>,
  carrier: MobileCarrierId | undefined,
): PartCounts['mobile'] {
  const encoder = charsetEncoder(mobileCharset);
  if (!encoder || carrier === undefined) return () => undefined;
  const htmlOctets = compileOnce(() => html && compileOctets(html, encoder));
  const textOctets = compileOctets(text, encoder);
  return (values) => ({
    carrier,
    bytes: { html: (values.html && htmlOctets()?.(values.html)) ?? 0, text: textOctets(values.text) },
  });
}

function frameOf(settings: DeliverySettings): Omit<MessageFrame, 'html' | 'text'> {
  const { sender, unsubscribe, list, feedbackId, precedence, autoSubmitted, headers } = settings;
  return {
    ...(isPersonalised(sender) ? {} : { from: sender, replyTo: sender.replyTo }),
    unsubscribeMailto: unsubscribe.mailto,
    oneClick: unsubscribe.oneClick ?? unsubscribe.hosted !== undefined,
    list,
    feedbackId,
    precedence,
    autoSubmitted,
    extra: Object.entries(headers).filter(([, value]) => value !== '' && !isTemplate(value)),
  };
}

function filledBytes(template: TemplateText | undefined): (values: readonly string[] | undefined) => number {
  const same = (template?.strings ?? []).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return (values) => values?.reduce((sum, value) => sum + Buffer.byteLength(value), same) ?? 0;
}

/** Readers' programs that keep the HTML alone go by the encoding that it names itself. */
function inCharset(content: Content, encoder: CharsetEncoder | undefined): Content {
  if (!encoder || content.html === undefined) return content;
  return { ...content, html: nameCharset(content.html, encoder.label) };
}

function fit<T>(compose: () => T): T {
  try {
    return compose();
  } catch (error) {
    if (error instanceof RangeError || error instanceof HeaderInjectionError)
      throw new MessageUnfitError(error.message);
    throw error;
  }
}
