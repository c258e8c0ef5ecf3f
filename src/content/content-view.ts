import type { ContentView, WrittenText } from '../delivery/control-rules/views.js';
import type { Content, DeliverySettings } from '../delivery/definition.js';
import { isTextFromHtml } from './content-blocks.js';
import { htmlOutline } from './html-outline.js';
import { htmlLinks, maskWord, textLinks } from './links.js';
import { maskLiquid } from './masked-liquid.js';
import { writtenText } from './written-text.js';

/** What the rules see of subject, sender and content. All are Liquid that parses. */
export function contentView(
  { subject, sender }: Pick<DeliverySettings, 'subject' | 'sender'>,
  content: Content,
): ContentView {
  const { html, text } = content;
  const inHtml = html === undefined ? { links: [], imagesWithoutAlt: [], defaultImages: [] } : htmlLinks(html);
  const outlined = html === undefined ? undefined : htmlOutline(html);
  const maskedText = maskLiquid(text).masked;
  const bodies = [
    ...(outlined ? [{ place: 'html', written: outlined.seen }] : []),
    ...(isTextFromHtml(content) ? [] : [{ place: 'text', written: maskedText }]),
  ];
  return {
    links: [...inHtml.links, ...textLinks(text)],
    imagesWithoutAlt: inHtml.imagesWithoutAlt,
    defaultImages: inHtml.defaultImages,
    ...(outlined && { outline: outlined.outline }),
    htmlBytes: Buffer.byteLength(html ?? ''),
    subjectLength: [...characters.segment(withoutLiquid(subject))].length,
    headings: headings(subject, sender),
    bodies: bodies.map(({ place, written }) => ({ place, written: written.replace(maskWord, ' ') })),
    textHasWords: /[\p{L}\p{N}]/u.test(maskedText.replace(/\b[a-z][a-z0-9+.-]*:\S+/gi, '')),
  };
}

function headings(subject: string, { name, replyTo }: DeliverySettings['sender']): WrittenText[] {
  const templates = { subject, 'sender.name': name, 'sender.replyTo.name': replyTo?.name };
  // Pieces of Liquid stand between lines of what is written.
  return Object.entries(templates).flatMap(([place, template]) =>
    template === undefined ? [] : [{ place, written: writtenText(template).replaceAll('\n', ' ') }],
  );
}

const withoutLiquid = (template: string): string => maskLiquid(template).masked.replace(maskWord, '');

/** What readers take for one character may be several code points. */
const characters = new Intl.Segmenter('en');
