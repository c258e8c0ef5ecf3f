import { htmlOutline } from '../content/html-outline.js';
import type { AnalysisView, JapaneseMobilesView } from '../delivery/control-rules/views.js';
import type { Charset } from '../delivery/charset.js';
import { contentSent } from '../delivery/content-format.js';
import type { Content, DeliverySettings } from '../delivery/definition.js';
import { charsetEncoder } from '../mime/charset-encoder.js';
import { fileViews } from './file-views.js';

/** What the rules for Japanese mobiles see of a revision; nothing where no recipient has one. */
export function japaneseMobilesView(
  { settings, content }: { settings: DeliverySettings; content: Content },
  recipients: JapaneseMobilesView['recipients'],
): Pick<AnalysisView, 'japaneseMobiles'> {
  if (Object.keys(recipients).length === 0) return {};
  const sent = contentSent(settings, content);
  const { html, text } = sent;
  const { tags = [], linkedImages = 0 } = html === undefined ? {} : htmlOutline(html).outline;
  const images = fileViews(sent).filter(({ type }) => type.startsWith('image/'));
  const bytes = { html: octetsOf(html ?? '', settings.charset), text: octetsOf(text, settings.charset) };
  return { japaneseMobiles: { recipients, bytes, images, linkedImages, tags } };
}

/** Octets of a template as it is sent, Liquid and all. */
function octetsOf(template: string, charset: Charset): number {
  const lines = template.replace(/\r\n?|\n/g, '\r\n');
  const encoder = charsetEncoder(charset);
  if (!encoder) return Buffer.byteLength(lines);
  // What only Liquid compares with need not be writable, and is not written.
  const lacking = new Set(encoder.unwritable(lines));
  const written = encoder.charactersOf(lines).filter((character) => !lacking.has(character));
  return encoder.encode('template', written.join('')).length;
}
