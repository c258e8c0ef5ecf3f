import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import PostalMime from 'postal-mime';
import { compilePersonalisation } from '../../src/content/personalise.js';
import { type Content, type DeliverySettings, deliverySettingsSchema } from '../../src/delivery/definition.js';
import {
  compileRevision,
  isRecipientFault,
  type MessageSubject,
  type RenderedMessage,
} from '../../src/mime/compile-revision.js';
import { relaxBody, relaxHeader } from '../../src/mime/relaxed-canonicalisation.js';
import { messageIdentities } from '../../src/mime/sealed-hash.js';
import { readVerp } from '../../src/mime/verp.js';

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();

const hash = 'ab'.repeat(32);
const secret = Buffer.alloc(32, 7);
const settings = deliverySettingsSchema.parse({
  name: 'Winter news',
  owner: 'editor',
  sender: {
    name: 'Käthe, garden shop',
    address: 'news@bücher.example',
    replyTo: { address: 'answers@shop.example' },
    errorAddress: 'bounce@shop.example',
  },
  subject: '{{ a | default: "Good morning" }}, your garden',
  unsubscribe: { url: 'https://news.example/u?a={{ email }}&b={{ b }}', mailto: 'leave@shop.example' },
});
const compile = (content: Content) =>
  compileRevision({ deliveryId: 'winter', deliveryKey: 1, hash, secret, settings, content });

const message: MessageSubject = {
  proof: 0,
  seq: 1,
  address: 'reader@mail.example',
  fields: { a: 'Ada', b: 'x' },
  date: new Date('2026-11-02T09:00:00Z'),
};

/** Values of every kind that a file can hold, and some that none can. */
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        ' ',
        '\t',
        '\r',
        '\n',
        '\0',
        '.',
        '<',
        '&',
        '=',
        'ü',
        '日本',
        '🎉',
        '\ud800',
        '\udc00',
        'word',
        'x'.repeat(90),
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('')),
);
const template = fc
  .array(
    fc.oneof(
      fc.constantFrom('{{ a }}', '{{ b }}', '{{ a | default: "you" }}', '{{ email }}', '{{ unsubscribe_url }}'),
      fc.constantFrom(
        '{% if a == "word" %}\n  yes\n{% endif %}',
        '{% assign c = a | upcase %}',
        '{{ c | default: b }}',
      ),
      fc.constantFrom('Dear ', ',\n', '\n\n', '    <td>', '.', ' ', 'Grüße ', '日本語'.repeat(20), '<p>'.repeat(40)),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));
const content = fc
  .record({ html: fc.option(template, { nil: undefined }), text: template })
  .map(({ html, text }): Content => ({ ...(html === undefined ? {} : { html }), text, sources: {} }));
const subject = fc.record({ a: value, b: value }).map((fields): MessageSubject => ({ ...message, fields }));

/** Line breaks and what has no UTF-8 form, as the wire has them, piece by piece. */
const onTheWire = (text: string) => text.replace(/\r\n?|\n/g, '\r\n').toWellFormed();

/** Parsers differ in how they show the last line breaks, and what they make of NUL. */
const shown = (text: string | undefined) =>
  (text ?? '').replace(/\r\n/g, '\n').replace(/\n+$/, '').replaceAll('\0', '\ufffd');

function expected(texts: { strings: readonly string[] } | undefined, values: readonly string[] | undefined): string {
  return (texts?.strings ?? []).map((text, i) => onTheWire(text) + onTheWire(values?.[i] ?? '')).join('');
}

test('a message holds what its templates and values say, as an independent parser reads it', async () => {
  await fc.assert(
    fc.asyncProperty(content, subject, async (source, person) => {
      const personaliser = compilePersonalisation(settings, source);
      const values = personaliser.valuesFor({ profile: person, delivery: { id: 'winter', name: settings.name } });
      const parsed = await new PostalMime().parse(compile(source)(person).bytes);
      expect(shown(parsed.text)).toBe(shown(expected(personaliser.text, values.text)));
      expect(shown(parsed.html)).toBe(shown(expected(personaliser.html, values.html)));
      expect(parsed.subject?.replace(/\s+/g, ' ')).toBe(values.subject.toWellFormed().replace(/\s+/g, ' ').trim());
      expect(parsed.from).toEqual({ name: 'Käthe, garden shop', address: 'news@xn--bcher-kva.example' });
      expect(parsed.replyTo).toEqual([{ name: '', address: 'answers@shop.example' }]);
      expect(parsed.to).toEqual([{ name: '', address: 'reader@mail.example' }]);
      expect(parsed.headers.filter(({ key }) => key === 'list-unsubscribe')).toEqual([
        expect.objectContaining({
          value: `<${new URL(values.unsubscribeUrl ?? '').href}>, <mailto:leave@shop.example>`,
        }),
      ]);
    }),
    { numRuns: 300 },
  );
});

test('its lines are such that no relay changes them', () => {
  fc.assert(
    fc.property(content, subject, (source, person) => {
      const { bytes, bodyOffset } = compile(source)(person);
      const lines = bytes.toString('latin1').split('\r\n');
      expect(lines.pop()).toBe('');
      for (const line of lines) expect(line).toMatch(/^(?!\.)[\t\x20-\x7e]{0,998}$/);
      for (const line of bytes.toString('latin1', bodyOffset).split('\r\n')) expect(line).toMatch(/^(.{0,75}[^ \t])?$/);
    }),
  );
});

/** As an auditor computes it, from what was delivered. */
function leafOf(person: MessageSubject, { bytes, bodyOffset, headers, envelope }: RenderedMessage): Buffer {
  const { envelopeSalt } = messageIdentities({ secret, hash, domain: 'xn--bcher-kva.example' })(person);
  const sealed = headers.filter(([name]) => name !== 'Date').map(([name, text]) => relaxHeader(name, text));
  return sha256(
    Buffer.concat([
      Buffer.of(0),
      sha256(`${envelopeSalt}${envelope.sender}\0${envelope.recipient}`),
      sha256(sealed.join('')),
      sha256(relaxBody(bytes.subarray(bodyOffset))),
    ]),
  );
}

test('its leaf and body hash are those of the bytes that are delivered', () => {
  fc.assert(
    fc.property(content, subject, (source, person) => {
      const rendered = compile(source)(person);
      const { bytes, bodyOffset, headers } = rendered;
      expect(rendered.bodyHash).toEqual(sha256(relaxBody(bytes.subarray(bodyOffset))));
      expect(rendered.leaf).toEqual(leafOf(person, rendered));
      const head = headers.map(([name, text]) => `${name}: ${text}\r\n`).join('');
      expect(bytes.toString('utf8', 0, bodyOffset)).toBe(`${head}\r\n`);
    }),
    { numRuns: 300 },
  );
});

test('the same message is the same bytes, whatever was rendered before it and whenever', () => {
  fc.assert(
    fc.property(content, fc.array(subject, { minLength: 2, maxLength: 5 }), (source, people) => {
      const render = compile(source);
      const numbered = people.map((person, i) => ({ ...person, seq: i + 1 }));
      const before = numbered.map(render);
      const after = numbered.toReversed().map(render).toReversed();
      const later = numbered.map((person) => compile(source)({ ...person, date: new Date(0) }));
      expect(after).toEqual(before);
      expect(later.map(({ leaf }) => leaf)).toEqual(before.map(({ leaf }) => leaf));
    }),
  );
});

test('a proof says in its subject which it is, and is another message', async () => {
  const render = compile({ text: 'Hello', sources: {} });
  const [main, proof] = [render(message), render({ ...message, proof: 2 })];
  expect((await new PostalMime().parse(proof.bytes)).subject).toBe('Proof 2: Ada, your garden');
  expect(main.bytes.toString()).toContain('\r\nSubject: Ada, your garden\r\n');
  expect(proof.leaf).not.toEqual(main.leaf);
});

test('the envelope has A-labels, the local part of a recipient stays as it is', () => {
  const rendered = compile({ text: 'Hello', sources: {} })({ ...message, address: 'grüße@mail.example' });
  expect(rendered.envelope).toEqual({ sender: 'bounce@shop.example', recipient: 'grüße@mail.example' });
  expect(rendered.bytes.toString()).toContain('\r\nTo: grüße@mail.example\r\n');
  expect(rendered.bytes.toString('utf8', rendered.bodyOffset)).toBe('Hello\r\n');
});

test.each([
  ['a field that is missing', { fields: { a: 'Ada' } }],
  ['an unsubscription URL that no header can hold', { fields: { b: 'x'.repeat(1_000) } }],
  ['no address', { address: 'reader' }],
])("%s is the recipient's fault", (_, change) => {
  const render = compile({ text: 'Hello', sources: {} });
  try {
    render({ ...message, ...change });
  } catch (error) {
    expect(isRecipientFault(error)).toBe(true);
    return;
  }
  throw new Error('it was rendered');
});

function compileIn(charset: DeliverySettings['charset'], source: Content, own: Partial<DeliverySettings> = {}) {
  const forced = { ...settings, subject: 'An {{ a }}', charset, ...own };
  return compileRevision({ deliveryId: 'winter', deliveryKey: 1, hash, secret, settings: forced, content: source });
}

test('with charset subject, sender, text and HTML are in that encoding, and the HTML says so', async () => {
  const html = '<meta charset="utf-8"><p>Grüße, {{ a }}{% if b == "☃" %}ß{% endif %}</p>';
  const { bytes } = compileIn('iso-8859-15', { html, text: 'Für {{ a }}: Pflanzen zu 5 €', sources: {} })({
    ...message,
    fields: { a: 'Zoë', b: '☃' },
  });
  expect(bytes.toString('latin1')).toContain('F=FCr Zo=EB: Pflanzen zu 5 =A4');
  const parsed = await new PostalMime().parse(bytes);
  expect(parsed.subject).toBe('An Zoë');
  expect(parsed.from?.name).toBe('Käthe, garden shop');
  expect(parsed.text?.trim()).toBe('Für Zoë: Pflanzen zu 5 €');
  expect(parsed.html?.trim()).toBe('<meta charset="iso-8859-15"><p>Grüße, Zoëß</p>');
});

test('without charset the HTML says what its author wrote', async () => {
  const { bytes } = compile({ html: '<meta charset="ascii">', text: 'x', sources: {} })(message);
  expect((await new PostalMime().parse(bytes)).html?.trim()).toBe('<meta charset="ascii">');
});

const snow = { a: '★ and ☃', b: 'x' };
const snowNames = '"☃" (U+2603) cannot be written in iso-8859-1';

test.each<[string, Content, Partial<DeliverySettings>, MessageSubject['fields']]>([
  ['Subject', { text: 'x', sources: {} }, {}, snow],
  ['text', { text: '{{ a }}', sources: {} }, { subject: 'x' }, snow],
  ['html', { html: '{{ a }}', text: 'x', sources: {} }, { subject: 'x' }, snow],
  ['X-Note', { text: 'x', sources: {} }, { subject: 'x', headers: { 'X-Note': '{{ a }}' } }, snow],
  ['From', { text: 'x', sources: {} }, { subject: 'x', sender: { ...settings.sender, name: '{{ a }}' } }, snow],
  // Step 1 finds what is in every message; nothing but messages must fail of it.
  ['text', { text: '☃ ★', sources: {} }, {}, { a: 'Ada', b: 'x' }],
  ['From', { text: 'x', sources: {} }, { sender: { ...settings.sender, name: '☃★' } }, { a: 'Ada', b: 'x' }],
])(
  "what the encoding does not have in %s is the recipient's fault, told by its characters",
  (part, source, own, fields) => {
    const render = compileIn('iso-8859-1', source, own);
    const faults = ['★ and ☃', '☃, ★, ☃'].map((a) => {
      try {
        render({ ...message, fields: fields === snow ? { ...snow, a } : fields });
      } catch (error) {
        if (isRecipientFault(error)) return error.message;
        throw error;
      }
      return 'none';
    });
    expect(faults).toEqual([`${part}: ${snowNames}`, `${part}: ${snowNames}`]);
  },
);

test('with sender.verp each message has a return path of its own, which names it', () => {
  const verp = { ...settings, sender: { ...settings.sender, verp: true } };
  const render = compileRevision({
    deliveryId: 'winter',
    deliveryKey: 9,
    hash,
    secret,
    settings: verp,
    content: { text: 'Hi', sources: {} },
  });
  const paths = [message, { ...message, seq: 2 }].map((one) => render(one).envelope.sender);
  expect(paths.map((path) => readVerp(path, () => secret))).toEqual([
    { deliveryKey: 9, proof: 0, seq: 1 },
    { deliveryKey: 9, proof: 0, seq: 2 },
  ]);
  expect(paths[0]).toMatch(/^bounce\+.{32}@shop\.example$/);
});

test('the leaf of a message names where its copy goes; that of a proof, of which there is none, does not', () => {
  const leafWith = (bcc: string | undefined, proof: number) => {
    const archived = { ...settings, ...(bcc === undefined ? {} : { bcc }) };
    const content = { text: 'Hi', sources: {} };
    const render = compileRevision({ deliveryId: 'winter', deliveryKey: 1, hash, secret, settings: archived, content });
    return render({ ...message, proof }).leaf.toString('hex');
  };
  const archives = [undefined, 'archive@bücher.example', 'Archive@xn--bcher-kva.example', 'other@shop.example'];
  expect(new Set(archives.map((bcc) => leafWith(bcc, 0))).size).toBe(4);
  expect(leafWith('archive@bücher.example', 0)).toBe(leafWith('archive@xn--bcher-kva.example', 0));
  expect(new Set(archives.map((bcc) => leafWith(bcc, 1))).size).toBe(1);
});
