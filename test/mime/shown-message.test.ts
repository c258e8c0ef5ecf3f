import type { AttachedFile } from '../../src/delivery/definition.js';
import { compileShown } from '../../src/mime/shown-message.js';
import { parsed, rendering, revisionWith } from './one-revision.js';

const picture = Buffer.from('picture').toString('base64');
const logo = (type: string): AttachedFile => ({
  name: 'logo',
  type,
  contentId: 'logo@inline.sealpost',
  base64: picture,
});
const image = '<img src="cid:logo@inline.sealpost">';
const message = { proof: 0, seq: 1, address: 'reader@mail.example', fields: { name: 'Käthe & Co' } };

test.each([
  ['image/png', `<img src="data:image/png;base64,${picture}">`],
  ['image/svg+xml', image],
  ['image/SVG+xml', image],
  ['application/pdf', image],
])('an image of the message’s own is shown where it is a picture: %s', (type, shown) => {
  const show = compileShown(revisionWith({}, { html: image, files: [logo(type)] }));
  expect(show(message).html).toBe(shown);
});

test.each(['utf-8', 'iso-8859-1', 'iso-2022-jp'] as const)(
  'in %s, too, it is Unicode, and no meta says otherwise',
  (charset) => {
    const written = charset === 'iso-2022-jp' ? 'ニュース' : 'Nachrichten für dich';
    const content = { html: `<meta charset="${charset}"><p>${written}</p>`, text: written };
    expect(compileShown(revisionWith({ charset, subject: written }, content))(message)).toEqual({
      from: { address: 'news@shop.example' },
      subject: written,
      html: `<p>${written}</p>`,
      text: written,
    });
  },
);

test('what is shown is what the message holds', async () => {
  const settings = {
    sender: { name: '{{ name }}', address: 'news@shop.example', replyTo: { address: 'care@shop.example' } },
    subject: 'News for {{ name }}',
  };
  const content = { html: '<p>Hello {{ name }}</p>', text: 'Hello {{ name }}\n' };
  const mail = await parsed(rendering(settings, content)(message));
  const shown = compileShown(revisionWith(settings, content))(message);
  expect(shown.html?.trim()).toBe(mail.html?.trim());
  expect(shown.text.trim()).toBe(mail.text?.trim());
  expect([shown.subject, shown.from.name, shown.replyTo?.address]).toEqual([
    mail.subject,
    mail.from?.name,
    mail.replyTo?.[0]?.address,
  ]);
});

test('who wants text alone is shown the text', () => {
  const show = compileShown(revisionWith({ format: 'recipient' }, { html: '<p>Hi</p>', text: 'Hi' }));
  expect(show({ ...message, fields: { email_format: 'text' } })).not.toHaveProperty('html');
});
