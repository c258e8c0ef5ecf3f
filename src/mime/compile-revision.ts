import type { TemplateText } from '../content/cut-template.js';
import { nameCharset } from '../content/meta-charset.js';
import { PersonalisationError } from '../content/personalise.js';
import { domainOf } from '../delivery/address.js';
import { contentSent } from '../delivery/content-format.js';
import type { Content, DeliverySettings, Profile } from '../delivery/definition.js';
import { isTemplate } from '../delivery/definition-text.js';
import { type CharsetEncoder, charsetEncoder } from './charset-encoder.js';
import { compileMessage, type ComposedMessage, type MessageFrame } from './compose-message.js';
import { archiveAddress } from './envelope-addresses.js';
import { compileExtraHeaders, compileReturnPath, compileSender, isPersonalised } from './personalised-headers.js';
import { HeaderInjectionError } from './header-value.js';
import { compileTexts } from './message-values.js';
import { computeLeaf, messageIdentities, sealedHashes } from './sealed-hash.js';

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
 * function: same message, same bytes, but for Date.
 *
 * The function that it returns throws errors that {@link isRecipientFault} knows, for a recipient who lacks what the
 * content asks for.
 */
export function compileRevision(revision: RenderedRevision): RenderMessage {
  const { settings, secret, hash } = revision;
  const encoder = charsetEncoder(settings.charset);
  const content = inCharset(contentSent(settings, revision.content), encoder);
  const texts = compileTexts(revision, content);
  const frame = { ...frameOf(settings, content), html: texts.html, text: texts.text, encoder };
  // Made with the first message: step 1, which tells what keeps it from being made, must not fail itself.
  let compose: ReturnType<typeof compileMessage> | undefined;
  const returnPathOf = compileReturnPath(revision);
  const senderOf = compileSender(settings.sender);
  const extraOf = compileExtraHeaders(settings.headers);
  const archive = archiveAddress(settings);
  const htmlBytes = filledBytes(texts.html);
  const identify = messageIdentities({ secret, hash, domain: domainOf(settings.sender.address) });

  return (message) => {
    const { address: to, date } = message;
    const { messageId, boundary, envelopeSalt } = identify(message);
    const { key, subject, textOnly, values } = texts.fill(message);
    const { lines, html, text, unsubscribeUrl } = values;
    return fit(() => {
      const { from, replyTo } = senderOf(lines);
      const extra = extraOf(lines);
      compose ??= compileMessage(frame);
      // prettier-ignore
      const composed = compose({ to, from, replyTo, subject, extra, messageId, date, unsubscribeUrl, html, text, textOnly, boundary });
      const { headers, bytes, bodyOffset, bodyHash } = composed;
      const sender = returnPathOf(key, lines);
      // Of proofs an archive gets no copy.
      const sealed = { salt: envelopeSalt, sender, recipient: to, archive: key.proof > 0 ? undefined : archive };
      const leaf = computeLeaf(sealedHashes(sealed, composed));
      return {
        envelope: { sender, recipient: to },
        headers,
        bytes,
        bodyOffset,
        bodyHash,
        leaf,
        // Sending has no use for it.
        get htmlBytes() {
          return htmlBytes(html);
        },
      };
    });
  };
}

function frameOf(settings: DeliverySettings, { files }: Content): Omit<MessageFrame, 'html' | 'text'> {
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
    files,
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
