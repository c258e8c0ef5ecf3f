import * as fc from 'fast-check';
import type { AttachedFile } from '../../src/delivery/definition.js';
import { relaxBody } from '../../src/mime/relaxed-canonicalisation.js';
import { sha256 } from '../../src/mime/sealed-hash.js';
import { parsed, rendering } from './one-revision.js';

const html = '<p>Hello {{ name }} <img src="cid:logo@inline.sealpost" alt="Shop"></p>\n';
const text = 'Hello {{ name }}\n';
const image: AttachedFile = {
  name: 'logo.png',
  type: 'image/png',
  contentId: 'logo@inline.sealpost',
  base64: Buffer.alloc(500, 9).toString('base64'),
};
const terms: AttachedFile = {
  name: 'Terms.pdf',
  type: 'application/pdf',
  base64: Buffer.from('%PDF').toString('base64'),
};

/** The media types of a message's entities, in order of their headers. */
const types = (bytes: Buffer) =>
  [...bytes.toString('latin1').matchAll(/^Content-Type: ([a-z/-]+)/gm)].map(([, type]) => type);

test.each([
  ['text', { text }, ['text/plain']],
  ['both', { html, text }, ['multipart/alternative', 'text/plain', 'text/html']],
  ['text and a file', { text, files: [terms] }, ['multipart/mixed', 'text/plain', 'application/pdf']],
  [
    'an image',
    { html, text, files: [image] },
    ['multipart/alternative', 'text/plain', 'multipart/related', 'text/html', 'image/png'],
  ],
  [
    'all of it',
    { html, text, files: [terms, image] },
    [
      'multipart/mixed',
      'multipart/alternative',
      'text/plain',
      'multipart/related',
      'text/html',
      'image/png',
      'application/pdf',
    ],
  ],
])('%s: the parts stand in each other as mail programs expect', async (_what, content, expected) => {
  const message = rendering({}, content)({ fields: { name: 'Ada' } });
  expect(types(message.bytes)).toEqual(expected);
  expect(sha256(relaxBody(message.bytes.subarray(message.bodyOffset)))).toEqual(message.bodyHash);
  const mail = await parsed(message);
  expect(mail.text?.trimEnd()).toBe('Hello Ada');
  expect(mail.html?.includes('Hello Ada') ?? false).toBe('html' in content);
});

test('the octets of the HTML are counted as readers get them, with each recipient’s values', async () => {
  const render = rendering({ format: 'recipient' }, { html, text });
  const message = render({ fields: { name: 'Zoë & <日本>' } });
  const { html: read = '' } = await parsed(message);
  expect(message.htmlBytes).toBe(Buffer.byteLength(`${read.trimEnd()}\n`));
  expect(read).toContain('Zoë &amp; &lt;日本&gt;');
  expect(render({ fields: { name: 'Ada', email_format: 'text' } }).htmlBytes).toBe(0);
});

test('files arrive byte for byte, an image with the Content-ID that the HTML names', async () => {
  const { attachments } = await parsed(rendering({}, { html, text, files: [terms, image] })({ fields: { name: 'A' } }));
  expect(attachments).toMatchObject([
    { filename: 'logo.png', mimeType: 'image/png', contentId: '<logo@inline.sealpost>', related: true },
    { filename: 'Terms.pdf', mimeType: 'application/pdf', disposition: 'attachment' },
  ]);
  expect(attachments.map(({ content }) => Buffer.from(content as ArrayBuffer).toString('base64'))).toEqual([
    image.base64,
    terms.base64,
  ]);
});

test('format text leaves the HTML and its images out', async () => {
  const message = rendering({ format: 'text' }, { html, text, files: [terms, image] })({ fields: { name: 'Ada' } });
  expect(types(message.bytes)).toEqual(['multipart/mixed', 'text/plain', 'application/pdf']);
});

test.each([
  [{ email_format: 'text' }, true],
  [{ email_format: ' TEXT ' }, true],
  [{ email_format: 'txt' }, true],
  [{ email_format: 'plain' }, true],
  [{ email_format: 'html' }, false],
  [{ email_format: 'unknown' }, false],
  [{}, false],
])('format recipient, %j: text alone %p', (fields, alone) => {
  const render = rendering({ format: 'recipient' }, { html, text, files: [image] });
  const message = render({ fields: { ...fields, name: 'Ada' } });
  expect(types(message.bytes)).toHaveLength(alone ? 1 : 5);
  expect(sha256(relaxBody(message.bytes.subarray(message.bodyOffset)))).toEqual(message.bodyHash);
});

test('formatField names another column', () => {
  const render = rendering({ format: 'recipient', formatField: 'wants' }, { html, text });
  expect(types(render({ fields: { wants: 'text', name: 'A' } }).bytes)).toEqual(['text/plain']);
});

test('who gets text alone does not fail for a field that the HTML asks for', () => {
  const render = rendering({ format: 'recipient' }, { html: '{{ missing }}', text: 'Hi' });
  expect(() => render({ fields: { email_format: 'text' } })).not.toThrow();
  expect(() => render()).toThrow('html: field "missing" is missing');
});

test('two spaces in a file’s name are two in DKIM’s form as well', () => {
  const message = rendering({}, { text: 'Hi', files: [{ ...terms, name: 'Annual  report.pdf' }] })();
  expect(sha256(relaxBody(message.bytes.subarray(message.bodyOffset)))).toEqual(message.bodyHash);
});

test('a file of any name arrives under it, on lines that mail can carry', async () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 150 })
    .filter((one) => !/[/\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}]|^[. ]|[. ]$/u.test(one));
  await fc.assert(
    fc.asyncProperty(name, async (filename) => {
      const message = rendering({}, { text: 'Hi', files: [{ ...terms, name: filename }] })();
      expect(
        Math.max(
          ...message.bytes
            .toString('latin1')
            .split('\r\n')
            .map((line) => line.length),
        ),
      ).toBeLessThan(79);
      expect(sha256(relaxBody(message.bytes.subarray(message.bodyOffset)))).toEqual(message.bodyHash);
      const { attachments } = await parsed(message);
      expect(attachments[0]?.filename).toBe(filename);
    }),
  );
});
