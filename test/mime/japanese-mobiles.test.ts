import * as fc from 'fast-check';
import PostalMime from 'postal-mime';
import type { AttachedFile, Content } from '../../src/delivery/definition.js';
import { compileRevision, isRecipientFault, type RenderedMessage } from '../../src/mime/compile-revision.js';
import { relaxBody } from '../../src/mime/relaxed-canonicalisation.js';
import { sha256 } from '../../src/mime/sealed-hash.js';
import { alphabetOf } from './charset-decoder.js';
import { entitiesOf } from './entities.js';
import { parsed, rendering, revisionWith } from './one-revision.js';

const base64 = Buffer.alloc(300, 9).toString('base64');
const photo: AttachedFile = { name: 'photo.jpg', type: 'image/jpeg', contentId: 'photo@inline.sealpost', base64 };
const smile: AttachedFile = { name: 'smile.gif', type: 'image/gif', contentId: 'smile@inline.sealpost', base64 };
const terms: AttachedFile = { name: 'Terms.pdf', type: 'application/pdf', base64 };

const html =
  '<html><head><meta charset="utf-8"></head><body>{{ name }}さん <img src="cid:photo@inline.sealpost" alt=""><img src="cid:smile@inline.sealpost" alt=""></body></html>\n';
const text = '{{ name }}さん\nこんにちは\n';
const subject = '{{ name }}さんへ';
const fields = { name: '花子' };

const parts = { text: 'text/plain', html: 'text/html', photo: 'image/jpeg', smile: 'image/gif', terms: terms.type };
const alternative = ['multipart/alternative', parts.text, parts.html];
const images = [parts.photo, parts.smile];

// [address, with images, without, with an attachment too, with an attachment and no image]
test.each([
  [
    'reader@mail.example',
    ['multipart/alternative', parts.text, ['multipart/related', parts.html, ...images]],
    alternative,
    [
      'multipart/mixed',
      ['multipart/alternative', parts.text, ['multipart/related', parts.html, ...images]],
      terms.type,
    ],
    ['multipart/mixed', alternative, terms.type],
  ],
  [
    'reader@docomo.ne.jp',
    ['multipart/mixed', ['multipart/related', alternative, ...images]],
    ['multipart/mixed', alternative],
    ['multipart/mixed', ['multipart/related', alternative, ...images], terms.type],
    ['multipart/mixed', alternative, terms.type],
  ],
  [
    'reader@softbank.ne.jp',
    ['multipart/related', alternative, ...images],
    alternative,
    ['multipart/mixed', ['multipart/related', alternative, ...images], terms.type],
    ['multipart/mixed', alternative, terms.type],
  ],
  [
    'reader@ezweb.ne.jp',
    ['multipart/mixed', alternative, ...images],
    ['multipart/mixed', alternative],
    ['multipart/mixed', alternative, ...images, terms.type],
    ['multipart/mixed', alternative, terms.type],
  ],
])('%s: the parts stand in each other as its operator has them', async (address, ...structures) => {
  const files = [[photo, smile], [], [terms, photo, smile], [terms]];
  for (const [i, structure] of structures.entries()) {
    const message = rendering({ subject }, { html, text, files: files[i] ?? [] })({ address, fields });
    expect(entitiesOf(message.bytes.toString('latin1'))).toEqual(structure);
    await expectWhole(message, files[i] ?? []);
  }
});

/** Parsers read all of it, and the seal covers it. */
async function expectWhole(message: RenderedMessage, files: readonly AttachedFile[]) {
  const mail = await parsed(message);
  expect(mail.subject).toBe('花子さんへ');
  expect(mail.text?.trimEnd().split(/\r?\n/)).toEqual(['花子さん', 'こんにちは']);
  expect(mail.html).toContain('<body>花子さん <img src="cid:photo@inline.sealpost"');
  const byName = (one: { filename?: string | null }, other: { filename?: string | null }) =>
    (one.filename ?? '') < (other.filename ?? '') ? -1 : 1;
  expect(mail.attachments.toSorted(byName)).toMatchObject(
    files
      .map(({ name, type, contentId }) => ({
        filename: name,
        mimeType: type,
        ...(contentId !== undefined && { contentId: `<${contentId}>` }),
      }))
      .toSorted(byName),
  );
  for (const { content } of mail.attachments)
    expect(Buffer.from(content as ArrayBuffer).toString('base64')).toBe(base64);
  expect(sha256(relaxBody(message.bytes.subarray(message.bodyOffset)))).toEqual(message.bodyHash);
}

const mobiles = ['reader@docomo.ne.jp', 'reader@softbank.ne.jp', 'reader@au.com'];

describe.each(['utf-8', 'shift_jis', 'iso-2022-jp'] as const)('a delivery in %s', (charset) => {
  const render = rendering({ subject, charset, sender: { name: '庭', address: 'a@b.example' } }, { html, text });

  test.each(mobiles)('%s gets ISO-2022-JP, headers too', (address) => {
    const wire = render({ address, fields }).bytes.toString('latin1');
    expect([...wire.matchAll(/charset=([a-z0-9_-]+)/g)].map(([, name]) => name)).toEqual([
      'iso-2022-jp',
      'iso-2022-jp',
    ]);
    expect(wire).toMatch(/^From: =\?iso-2022-jp\?B\?/m);
    expect(wire).toMatch(/^Subject: =\?iso-2022-jp\?B\?/m);
  });

  test('its HTML names it, and everybody else has the delivery’s own', async () => {
    const charsetOf = async (address: string) =>
      /charset="([^"]*)"/.exec((await parsed(render({ address, fields }))).html ?? '')?.[1];
    for (const address of mobiles) expect(await charsetOf(address)).toBe('iso-2022-jp');
    expect(await charsetOf('reader@mail.example')).toBe(charset);
    expect(render({ fields }).bytes.toString('latin1')).toContain(`text/plain; charset=${charset}`);
  });
});

test('DoCoMo’s images have no Content-Disposition, and those of the others have', () => {
  const render = rendering({}, { html: '<img src="cid:photo@inline.sealpost">', text: 'x', files: [photo, terms] });
  const of = (address: string) =>
    render({ address })
      .bytes.toString('latin1')
      .match(/^Content-Disposition: \w+/gm);
  expect(of('reader@docomo.ne.jp')).toEqual(['Content-Disposition: attachment']);
  for (const address of ['reader@softbank.ne.jp', 'reader@au.com', 'reader@mail.example'])
    expect(of(address)).toEqual(['Content-Disposition: inline', 'Content-Disposition: attachment']);
});

test('who wants text alone has it in ISO-2022-JP, whatever the HTML holds', async () => {
  const content = { html: '<p>☃</p>', text: '雪' };
  const text = rendering({ format: 'text' }, content)({ address: 'reader@au.com' });
  expect(entitiesOf(text.bytes.toString('latin1'))).toBe('text/plain');
  const fields = { email_format: 'text' };
  const chosen = rendering({ format: 'recipient' }, content)({ address: 'reader@au.com', fields });
  expect(entitiesOf(chosen.bytes.toString('latin1'))).toBe('text/plain');
  expect((await parsed(chosen)).text?.trim()).toBe('雪');
});

test('what ISO-2022-JP lacks is a fault of each mobile’s message, and of no other', () => {
  const faultOf = (content: Partial<Content>, subject: Parameters<ReturnType<typeof rendering>>[0]): unknown => {
    try {
      rendering({}, content)(subject);
      return undefined;
    } catch (error) {
      expect(isRecipientFault(error)).toBe(true);
      return (error as Error).message;
    }
  };
  const snowman = '"☃" (U+2603) cannot be written in iso-2022-jp';
  for (const address of mobiles) {
    expect(faultOf({ text: '☃' }, { address })).toBe(`text: ${snowman}`);
    expect(faultOf({ html: '<p>☃</p>', text: 'x' }, { address })).toBe(`html: ${snowman}`);
    expect(faultOf({ text: '{{ name }}' }, { address, fields: { name: '☃' } })).toBe(`text: ${snowman}`);
    expect(faultOf({ text: '{{ name }}' }, { address, fields: { name: '髙橋' } })).toContain('"髙" (U+9AD9)');
  }
  expect(faultOf({ html: '<p>☃</p>', text: '☃' }, { address: 'reader@mail.example' })).toBeUndefined();
  // What is wrong for all is found once, and told each time.
  const render = rendering({}, { text: '☃' });
  for (const address of [...mobiles, ...mobiles]) expect(() => render({ address })).toThrow(snowman);
  expect(render().bytes.length).toBeGreaterThan(0);
});

// In ISO-2022-JP two octets a character, and three for each switch of the character set, which never stand beside each other.
test.each([
  ['花と木', '', 12],
  ['花{{ name }}木', '子と', 14],
  ['a花b{{ name }}', '木', 18],
  ['a\nb{{ name }}', 'c\r\nd\re', 11],
  ['{{ name }}', 'é'.normalize('NFD').replace(/\u0301/, ''), 1],
])('%j with %j has so many octets in a mobile’s message', (template, name, octets) => {
  const render = rendering({}, { html: `${template}<br>`, text: template });
  const { mobile } = render({ address: 'reader@au.com', fields: { name } });
  expect(mobile).toEqual({ carrier: 'au', bytes: { html: octets + 4, text: octets } });
  expect(render({ fields: { name } }).mobile).toBeUndefined();
});

test('the octets are those that the parts have on the wire', () => {
  fc.assert(
    fc.property(japanese, japanese, (template, name) => {
      const { bytes, mobile } = rendering(
        {},
        { text: `${template}{{ name }}\n` },
      )({
        address: 'reader@docomo.ne.jp',
        fields: { name },
      });
      const body = bytes.toString('latin1').split('\r\n\r\n').slice(1).join('');
      expect(mobile?.bytes).toEqual({ html: 0, text: Buffer.from(body, 'base64').length });
    }),
  );
});

const japanese = fc
  .array(fc.constantFrom(...alphabetOf('iso-2022-jp'), 'a', ' ', '\n', '<&>'), { maxLength: 40 })
  .map((list) => list.join(''));

test('equal input gives equal bytes and leaves, whatever was made before', async () => {
  const address = fc.constantFrom(...mobiles, 'reader@mail.example');
  const reader = fc.record({ address, name: japanese, seq: fc.integer({ min: 1, max: 9 }) });
  await fc.assert(
    fc.asyncProperty(japanese, fc.array(reader, { minLength: 2, maxLength: 6 }), async (written, readers) => {
      const content = { html: `${written}<p>{{ name }}</p>`, text: `${written} {{ name }}`, files: [terms, photo] };
      const revision = revisionWith({ subject: '{{ name }}' }, content);
      const subjects = readers.map(({ name, ...reader }) => ({
        proof: 0,
        date: new Date(0),
        ...reader,
        fields: { name },
      }));
      const render = compileRevision(revision);
      const first = subjects.map((one) => render(one));
      const again = compileRevision(structuredClone(revision));
      for (const [i, one] of [...subjects.entries()].toReversed()) {
        const { bytes, leaf } = again({ ...one, fields: { ...one.fields } });
        expect(bytes).toEqual(first[i]?.bytes);
        expect(leaf).toEqual(first[i]?.leaf);
        const mail = await new PostalMime().parse(bytes);
        expect(new Set(mail.attachments.map(({ filename }) => filename))).toEqual(new Set(['Terms.pdf', 'photo.jpg']));
      }
    }),
    { numRuns: 30 },
  );
});
