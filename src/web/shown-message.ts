import PostalMime, { type Attachment } from 'postal-mime';
import { escapeHtml } from '../content/escape-html.js';
import { page } from './page.js';
import { shownHtml } from './shown-html.js';

/**
 * @param bytes - a message as it is sent
 * @returns the HTML as its reader gets it; of who gets text alone, a page with the text
 */
export async function shownMessage(bytes: Buffer): Promise<string> {
  const {
    html,
    text = '',
    subject = '',
    attachments,
  } = await PostalMime.parse(bytes, { attachmentEncoding: 'base64' });
  if (html === undefined) return page(subject, `<pre style="white-space:pre-wrap">${escapeHtml(text)}</pre>`);
  const images = new Map(attachments.flatMap(imageUrl));
  return shownHtml(html, (contentId) => images.get(contentId));
}

/** Where an SVG is opened by itself, it is a document that may hold scripts. */
const pictureType = /^image\/(?!svg)[a-z0-9.+-]+$/;

function imageUrl({ contentId, mimeType, content }: Attachment): [string, string][] {
  if (contentId === undefined || !pictureType.test(mimeType) || typeof content !== 'string') return [];
  return [[contentId.replace(/^<|>$/g, ''), `data:${mimeType};base64,${content}`]];
}
