import { japaneseMobilesView } from '../../src/checks/japanese-mobiles-view.js';
import {
  deliverySettingsSchema,
  type AttachedFile,
  type Content,
  type DeliverySettingsInput,
} from '../../src/delivery/definition.js';

const found = {
  recipients: { docomo: 3 },
  oversized: [{ carrier: 'docomo', part: 'html', bytes: 10_000, row: 2 }],
} as const;

function viewOf(content: Partial<Content>, own: Partial<DeliverySettingsInput> = {}, counted: object = found) {
  const settings = deliverySettingsSchema.parse({
    name: 'N',
    sender: { address: 'a@b.example' },
    subject: 'S',
    ...own,
  });
  return japaneseMobilesView({ settings, content: { text: '', sources: {}, ...content } }, { ...found, ...counted })
    .japaneseMobiles;
}

test('nothing is looked at where nobody has such a mobile', () => {
  expect(viewOf({ html: '<p>x</p>' }, {}, { recipients: {} })).toBeUndefined();
});

test.each(['utf-8', 'windows-1252', 'iso-2022-jp'] as const)(
  'what ISO-2022-JP lacks is told whatever encoding the delivery has: %s',
  (charset) => {
    const content = {
      html: '<p>fünf {% if city == "☃" %}&#9731;{% endif %}</p>',
      text: '花 ☃ {{ name | default: "é" }}',
    };
    const own = { charset, subject: 'Hi ü', sender: { name: '庭', address: 'a@b.example' } };
    expect(viewOf(content, { ...own, proofs: { subjectPrefix: 'é ' } })?.unwritable).toMatchObject([
      { place: 'subject', characters: ['ü'] },
      { place: 'html', characters: ['ü'] },
      { place: 'text', characters: ['é', '☃'] },
    ]);
  },
);

const file = (name: string, type: string, contentId?: string): AttachedFile => ({
  name,
  type,
  base64: 'AAAA',
  ...(contentId !== undefined && { contentId }),
});

test('images are those of the message and those that its HTML loads from elsewhere', () => {
  const html =
    '<HTML><body><img src="cid:a@inline.sealpost"><img src=" CID:b"><IMG src="https://shop.example/c.gif"><img src="{{ d }}"><img><!-- <table> --></body></HTML>';
  const files = [file('a.gif', 'image/gif', 'a@inline.sealpost'), file('b.jpg', 'image/jpeg'), file('c.pdf', 'x/y')];
  expect(viewOf({ html, files })).toMatchObject({
    ...found,
    images: [
      { name: 'a.gif', type: 'image/gif', inline: true, bytes: 3 },
      { name: 'b.jpg', type: 'image/jpeg', inline: false, bytes: 3 },
    ],
    linkedImages: 2,
    tags: ['html', 'body', 'img'],
  });
});

test('a delivery in text has no HTML and no images in it', () => {
  const files = [file('a.gif', 'image/gif', 'a@inline.sealpost')];
  expect(viewOf({ html: '<table>☃</table>', text: 'x', files }, { format: 'text' })).toEqual({
    ...found,
    unwritable: [],
    images: [],
    linkedImages: 0,
    tags: [],
  });
});
