import { japaneseMobilesView } from '../../src/checks/japanese-mobiles-view.js';
import {
  deliverySettingsSchema,
  type AttachedFile,
  type Content,
  type DeliverySettingsInput,
} from '../../src/delivery/definition.js';

const recipients = { docomo: 3 };

function viewOf(content: Partial<Content>, own: Partial<DeliverySettingsInput> = {}, counted = recipients) {
  const settings = deliverySettingsSchema.parse({
    name: 'N',
    sender: { address: 'a@b.example' },
    subject: 'S',
    ...own,
  });
  return japaneseMobilesView({ settings, content: { text: '', sources: {}, ...content } }, counted).japaneseMobiles;
}

test('nothing is looked at where nobody has such a mobile', () => {
  expect(viewOf({ html: '<p>x</p>' }, {}, {} as never)).toBeUndefined();
});

// In ISO-2022-JP two octets a character, and three for each switch of the character set.
test.each([
  ['utf-8', '花と木', 9],
  ['iso-2022-jp', '花と木', 12],
  ['iso-2022-jp', 'a花b木', 18],
  ['shift_jis', '花と木', 6],
  ['windows-1252', 'fünf', 4],
  ['utf-8', 'a\nb\r\nc', 7],
  ['iso-2022-jp', 'a\nb', 4],
  ['utf-8', 'Dear {{ name }}', 15],
  // What is compared, and never written, need not be in the encoding.
  ['iso-2022-jp', '{% if city == "☃" %}花{% endif %}', 38],
  ['utf-8', '', 0],
] as const)('in %s, %j has %i octets', (charset, written, octets) => {
  expect(viewOf({ text: written, html: written }, { charset })?.bytes).toEqual({ text: octets, html: octets });
});

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
    recipients,
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
  expect(viewOf({ html: '<table></table>', text: 'x', files }, { format: 'text' })).toEqual({
    recipients,
    bytes: { html: 0, text: 1 },
    images: [],
    linkedImages: 0,
    tags: [],
  });
});
