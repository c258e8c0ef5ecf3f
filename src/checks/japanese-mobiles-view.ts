import { htmlOutline } from '../content/html-outline.js';
import type { AnalysisView, JapaneseMobilesView } from '../delivery/control-rules/views.js';
import { contentSent } from '../delivery/content-format.js';
import type { Content, DeliverySettings } from '../delivery/definition.js';
import { mobileCharset } from '../delivery/mobile-carriers.js';
import { charsetView } from './charset-view.js';
import { fileViews } from './file-views.js';

/** What the rules for Japanese mobiles see of a revision; nothing where no recipient has one. */
export function japaneseMobilesView(
  { settings, content }: { settings: DeliverySettings; content: Content },
  found: Pick<JapaneseMobilesView, 'recipients' | 'oversized'>,
): Pick<AnalysisView, 'japaneseMobiles'> {
  if (Object.keys(found.recipients).length === 0) return {};
  const sent = contentSent(settings, content);
  const { tags = [], linkedImages = 0 } = sent.html === undefined ? {} : htmlOutline(sent.html).outline;
  const images = fileViews(sent).filter(({ type }) => type.startsWith('image/'));
  // What only proofs have keeps no recipient from a message.
  const unwritable = charsetView({ ...settings, charset: mobileCharset }, sent).filter(
    ({ place }) => !place.startsWith('proofs.'),
  );
  return { japaneseMobiles: { ...found, unwritable, images, linkedImages, tags } };
}
