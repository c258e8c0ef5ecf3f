import type { AnalysisView, FileView, JapaneseMobilesView } from '../../../src/delivery/control-rules/views.js';
import type { DeliverySettingsInput } from '../../../src/delivery/definition.js';
import { set, type CasesOf } from './views.js';

/** A delivery that all mobiles show, but for what is given. */
const mobiles = (
  view: Partial<JapaneseMobilesView> = {},
  own: Partial<DeliverySettingsInput> = {},
): Partial<AnalysisView> => ({
  ...set(own),
  japaneseMobiles: {
    recipients: { docomo: 1_200, softbank: 1 },
    oversized: [],
    unwritable: [],
    images: [],
    linkedImages: 0,
    tags: ['html', 'head', 'meta', 'body', 'div', 'font', 'br', 'img'],
    ...view,
  },
});

const oversized = { carrier: 'docomo', part: 'html', bytes: 10_000, row: 7 } as const;

const images = (count: number, own: Partial<FileView> = {}): Pick<JapaneseMobilesView, 'images'> => ({
  images: Array.from({ length: count }, (_, n) => ({
    name: `${n}.gif`,
    type: 'image/gif',
    inline: true,
    bytes: 1,
    ...own,
  })),
});

/** Nobody of the recipients has such a mobile: the delivery may be as it likes. */
const none: Partial<AnalysisView> = set({});

export const japaneseMobileCases: CasesOf<AnalysisView> = {
  'japanese-mobile-charset': {
    finds: [
      [
        'subject',
        mobiles({ unwritable: [{ place: 'subject', characters: ['☃'] }] }),
        /^Mobiles of NTT DoCoMo \(1,200 recipients\) and SoftBank \(1 recipient\) read ISO-2022-JP, which does not have "☃" \(U\+2603\), and get no message: write another character, or give these recipients a delivery of their own, or the ordinary message by mobile_format: none\.$/,
      ],
      [
        'html',
        mobiles({ unwritable: [{ place: 'html', characters: ['é', '☃'] }] }, { mobileFormatField: 'phone' }),
        /"é" \(U\+00E9\), "☃" \(U\+2603\), and get no message: write another character or a reference such as &#233;, or .* by phone: none\.$/,
      ],
      [
        'text',
        mobiles({ unwritable: [{ place: 'text', characters: ['é'], isFromHtml: true }] }),
        /in the HTML, for a reference becomes the character in the text/,
      ],
    ],
    passes: [mobiles(), none],
  },
  'japanese-mobile-size': {
    finds: [
      [
        'html',
        mobiles({ oversized: [oversized] }),
        /^Mobiles of NTT DoCoMo \(1,200 recipients\) take HTML of less than 10,000 bytes, and the largest \(row 7\) has 10,000: shorten it, or what its recipient's values bring in, or give/,
      ],
      [
        'text',
        mobiles({
          recipients: { docomo: 2, softbank: 3, au: 4 },
          oversized: [{ carrier: 'au', part: 'text', bytes: 23_456, row: 'people.csv:9' }],
        }),
        /^Mobiles of KDDI au \(4 recipients\) take text of less than 10,000 bytes, and the largest \(row people\.csv:9\) has 23,456/,
      ],
    ],
    passes: [mobiles(), none],
  },
  'japanese-mobile-images': {
    finds: [
      [
        'html',
        mobiles(images(2, { name: 'logo.png', type: 'image/png' })),
        /^Mobiles of NTT DoCoMo \(1,200 recipients\) and SoftBank \(1 recipient\) show JPEG and GIF images alone, and "logo\.png" and "logo\.png" are of another type: convert what is not, or/,
      ],
      ['html', mobiles(images(13, { type: 'image/webp' })), /"9\.gif" and 3 others are of another type/],
      ['html', mobiles(images(21)), /show at most 20 images, and each message carries 21: leave some out, or/],
      [
        'html',
        mobiles(images(2, { bytes: 51_200 })),
        /take images of less than 100 KB together, and these have 100 KB: make them smaller/,
      ],
      [
        'html',
        mobiles({ linkedImages: 1 }),
        /within the message alone, and 1 is on the web or attached: name each by cid:/,
      ],
      [
        'html',
        mobiles({ ...images(2, { inline: false }), linkedImages: 1 }),
        /alone, and 3 are on the web or attached/,
      ],
    ],
    passes: [mobiles(), mobiles(images(20, { bytes: 5_119, type: 'image/jpeg' })), none],
  },
  'japanese-mobile-markup': {
    finds: [
      [
        'html',
        mobiles({ tags: ['body', 'table', 'tr', 'td'] }),
        /^Mobiles of NTT DoCoMo \(1,200 recipients\) and SoftBank \(1 recipient\) do not know the tags table, tr and td: write the HTML with a, blink, body, br, .* and title alone, or/,
      ],
      [
        'html',
        mobiles({ recipients: { docomo: 1, au: 2 }, tags: ['a'] }),
        /^Mobiles of KDDI au \(2 recipients\) do not know the tag a: write the HTML with blink, body,/,
      ],
    ],
    passes: [mobiles(), mobiles({ tags: ['a', 'title'] }), mobiles({ recipients: { au: 1 }, tags: ['object'] }), none],
  },
};
