import { cut, maxPerRule, type Found, type Rule } from './rule.js';
import type { ContentView } from './views.js';

/** Characters beside an image: fewer are a button and an imprint. */
const hardlyAnyText = 100;

const aboutImages = (sources: readonly string[], sentence: (source: string) => string): Found[] =>
  [...new Set(sources)]
    .slice(0, maxPerRule)
    .map((source) => ({ place: 'html', sentence: sentence(cut(source)), quote: source }));

export const imageRules: readonly Rule<{ content: ContentView }>[] = [
  {
    id: 'image-without-alt',
    level: 'warning',
    explanation:
      'Most mail programs show no images at first, and who cannot see hears the words in their place: without alt there are none.',
    check: ({ content }) =>
      aboutImages(
        content.imagesWithoutAlt,
        (source) =>
          `The image "${source}" says nothing to who cannot see it: give it alt (alt="" if it is decoration).`,
      ),
  },
  {
    id: 'image-third-party-default',
    level: 'warning',
    explanation: 'A server of others learns of each reader, and may show something else one day.',
    check: ({ content }) =>
      aboutImages(
        content.defaultImages,
        (source) =>
          `MJML's own image "${source}" is loaded from a third party by every reader: name one of yours (src, or icon-wrapped-url, icon-unwrapped-url, left-icon, right-icon).`,
      ),
  },
  {
    id: 'image-only',
    level: 'warning',
    explanation:
      'Images with hardly any text are how spam hides its words: filters count it against a mail, and readers without images see nothing.',
    check: ({ content: { outline } }) =>
      outline !== undefined && outline.images > 0 && outline.letters < hardlyAnyText
        ? [
            {
              place: 'html',
              sentence: `The HTML shows images and ${outline.letters} characters of text: write what the images say as text too.`,
            },
          ]
        : [],
  },
];
