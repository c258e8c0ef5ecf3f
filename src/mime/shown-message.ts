import PostalMime, { type Attachment } from 'postal-mime';
import { correctDecoding } from './charset-encoder.js';
import { shownHtml } from './shown-html.js';

/** A message as its reader's program shows it. */
export interface ShownMessage {
  subject: string;
  /** With its own images in it; absent where the message is text alone. */
  html?: string;
  text: string;
}

/** @param bytes - a message as it is sent */
export async function shownMessage(bytes: Buffer): Promise<ShownMessage> {
  const {
    html,
    text = '',
    subject = '',
    attachments,
  } = await PostalMime.parse(bytes, { attachmentEncoding: 'base64' });
  const images = new Map(attachments.flatMap(imageUrl));
  const charset = charsetOf(bytes);
  return {
    subject: correctDecoding(charset, subject),
    text: correctDecoding(charset, text),
    ...(html === undefined
      ? {}
      : { html: shownHtml(correctDecoding(charset, html), (contentId) => images.get(contentId)) }),
  };
}

/** The first part that names an encoding is ours, before any content; all of them name the same. */
function charsetOf(bytes: Buffer): string {
  return /^Content-Type: text\/\w+; charset=(\S+)\r$/m.exec(bytes.toString('latin1'))?.[1] ?? 'utf-8';
}

/** Where an SVG is opened by itself, it is a document that may hold scripts. */
const pictureType = /^image\/(?!svg)[a-z0-9.+-]+$/;

function imageUrl({ contentId, mimeType, content }: Attachment): [string, string][] {
  if (contentId === undefined || !pictureType.test(mimeType) || typeof content !== 'string') return [];
  return [[contentId.replace(/^<|>$/g, ''), `data:${mimeType};base64,${content}`]];
}
