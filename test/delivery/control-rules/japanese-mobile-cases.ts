import type { AnalysisView, FileView, JapaneseMobilesView } from '../../../src/delivery/control-rules/views.js';
import type { DeliverySettingsInput } from '../../../src/delivery/definition.js';
import { set, type CasesOf } from './views.js';

/** A delivery that all mobiles show, but for what is given. */
const mobiles = (
  own: Partial<JapaneseMobilesView> = {},
  settings: Partial<DeliverySettingsInput> = {},
): Partial<AnalysisView> => ({
  ...set({ charset: 'iso-2022-jp', ...settings }),
  japaneseMobiles: {
    recipients: { docomo: 1_200, softbank: 1 },
    bytes: { html: 9_999, text: 9_999 },
    images: [],
    linkedImages: 0,
    tags: ['html', 'head', 'meta', 'body', 'div', 'font', 'br', 'img'],
    ...own,
  },
});

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
const none: Partial<AnalysisView> = set({ charset: 'utf-8' });

export const japaneseMobileCases: CasesOf<AnalysisView> = {
  'japanese-mobile-charset': {
    finds: [
      [
        'charset',
        mobiles({}, { charset: 'utf-8' }),
        /^Mobiles of NTT DoCoMo \(1,200 recipients\) and SoftBank \(1 recipient\) read ISO-2022-JP, and the messages are in utf-8: set charset to iso-2022-jp, or give these recipients a delivery of their own\.$/,
      ],
      ['charset', mobiles({}, { charset: 'shift_jis' }), /are in shift_jis:/],
    ],
    passes: [mobiles(), none],
  },
  'japanese-mobile-size': {
    finds: [
      [
        'html',
        mobiles({ bytes: { html: 10_000, text: 9_999 } }),
        /^Mobiles of NTT DoCoMo \(1,200 recipients\) take HTML of less than 10,000 bytes, and the template has 10,000 before it is filled: shorten it, or/,
      ],
      [
        'text',
        mobiles({ recipients: { docomo: 2, softbank: 3, au: 4 }, bytes: { html: 0, text: 23_456 } }),
        /^Mobiles of NTT DoCoMo \(2 recipients\) and KDDI au \(4 recipients\) take text of less than 10,000 bytes, and the template has 23,456/,
      ],
    ],
    passes: [mobiles(), mobiles({ recipients: { softbank: 3 }, bytes: { html: 10_000, text: 10_000 } }), none],
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
