import { createHash, createPrivateKey, createPublicKey, verify } from 'node:crypto';
import * as fc from 'fast-check';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { compileRevision, isRecipientFault, type RenderedMessage } from '../../src/mime/compile-revision.js';
import { canonicalHeaders, signHeaders, signMessage } from '../../src/mime/dkim-signature.js';
import { relaxBody, relaxHeader } from '../../src/mime/relaxed-canonicalisation.js';
import { makeKey, verifyDkim } from './verify-dkim.js';

const rsa = makeKey('rsa-sha256');
const ed25519 = makeKey('ed25519-sha256');

/** A message with the recipient's note in the subject and in both parts. */
function compose(
  note: string,
  own: { from?: string; to?: string; html?: string; mailto?: string } = {},
): RenderedMessage {
  const settings = deliverySettingsSchema.parse({
    name: 'News',
    sender: { name: 'The Shop', address: own.from ?? 'news@shop.example' },
    subject: '{{ note }}',
    unsubscribe: own.mailto === undefined ? {} : { mailto: own.mailto },
  });
  const { html } = own;
  const content = { text: '{{ note }}\n.\n..dots', ...(html === undefined ? {} : { html }), sources: {} };
  const secret = Buffer.alloc(32, 7);
  const render = compileRevision({
    deliveryId: 'news',
    deliveryKey: 1,
    hash: 'ab'.repeat(32),
    secret,
    settings,
    content,
  });
  return render({
    proof: 0,
    seq: 1,
    address: own.to ?? 'reader@mail.example',
    fields: { note },
    date: new Date('2026-11-02T09:00:00.789Z'),
  });
}

const html = '<p>{{ note }}</p>';

/** The value of the first signature, unfolded. */
const signatureOf = (bytes: Buffer): string =>
  /^DKIM-Signature: ((?:.*\r\n )*.*)\r\n/.exec(bytes.toString('utf8'))?.[1]?.replaceAll('\r\n', '') ?? '';
const tag = (signature: string, name: string): string =>
  new RegExp(`(?:^|; )${name}=([^;]*)`).exec(signature)?.[1]?.replaceAll(' ', '') ?? '';

describe('an independent verifier passes', () => {
  test.each([
    ['RSA', [rsa]],
    ['Ed25519', [ed25519]],
    ['both', [rsa, ed25519]],
  ])('%s, whatever a message holds', async (_, keys) => {
    const note = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
      fc
        .array(fc.constantFrom(' ', '\t', '\r\n', '.', '=', 'ä', 'word', '日本'), { minLength: 1, maxLength: 60 })
        .map((parts) => parts.join('')),
    );
    const shape = fc.record({
      html: fc.constantFrom(html, undefined),
      mailto: fc.constantFrom('a@b.example', undefined),
    });
    await fc.assert(
      fc.asyncProperty(note, shape, async (text, { html: rich, mailto }) => {
        const message = composed(() =>
          compose(text, { ...(rich && { html: rich }), ...(mailto !== undefined && { mailto }) }),
        );
        fc.pre(message !== undefined);
        const bytes = await signMessage(keys, message);
        expect(await verifyDkim(bytes, keys)).toEqual(
          keys.map(({ selector }) => ({ selector, result: 'pass', aligned: true })),
        );
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['from a subdomain of the key’s domain', { from: 'news@mail.shop.example' }],
    ['to an address that is not ASCII', { to: 'grüße@mail.example' }],
  ])('a message %s', async (_, own) => {
    const bytes = await signMessage([rsa], compose('hello', own));
    expect(await verifyDkim(bytes, [rsa])).toEqual([{ selector: 'rsa', result: 'pass', aligned: true }]);
  });
});

function composed(compose: () => RenderedMessage): RenderedMessage | undefined {
  try {
    return compose();
  } catch (error) {
    if (isRecipientFault(error)) return undefined;
    throw error;
  }
}

describe('it fails after', () => {
  test.each<[string, (message: string) => string]>([
    ['another body', (message) => message.replace('Hello', 'Hullo')],
    ['another subject', (message) => message.replace('Subject: Hello', 'Subject: Hullo')],
    ['another date', (message) => message.replace('Date: Mon, 02', 'Date: Tue, 03')],
    ['another boundary', (message) => message.replaceAll('=_', '=_0')],
    ['another recipient', (message) => message.replace('To: reader@', 'To: other@')],
    ['a later time of signing', (message) => message.replace(/ t=\d+/g, ' t=1793609999')],
    ...['From', 'To', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'List-Unsubscribe', 'Content-Type'].map(
      (name): [string, (message: string) => string] => [
        `an added ${name}`,
        (message) => `${name}: x@y.example\r\n${message}`,
      ],
    ),
  ])('%s', async (_, change) => {
    const bytes = await signMessage([rsa, ed25519], compose('Hello', { html }));
    const changed = Buffer.from(change(bytes.toString('utf8')));
    expect(changed.equals(bytes)).toBe(false);
    const verdicts = await verifyDkim(changed, [rsa, ed25519]);
    expect(verdicts.filter(({ result }) => result === 'pass')).toEqual([]);
  });

  test.each<[string, (message: string) => string]>([
    ['trace was added', (message) => `Received: from x\r\n${message}`],
    [
      'runs of white space were changed',
      (message) => message.replace('\r\nSubject: ', '\r\nSUBJECT: \t ').replace('Mon, 02', 'Mon,\r\n   02'),
    ],
  ])('nothing of the kind when %s', async (_, change) => {
    const bytes = await signMessage([rsa], compose('Hello'));
    expect(await verifyDkim(Buffer.from(change(bytes.toString('utf8'))), [rsa])).toMatchObject([{ result: 'pass' }]);
  });
});

describe('the signature', () => {
  test('holds the body hash of the seal and the time of the message, and is folded', async () => {
    const message = compose('Hello', { html });
    const bytes = await signMessage([rsa], message);
    const signature = signatureOf(bytes);
    expect(tag(signature, 'bh')).toBe(message.bodyHash.toString('base64'));
    expect(tag(signature, 't')).toBe(String(Date.parse('2026-11-02T09:00:00Z') / 1_000));
    expect(tag(signature, 'h')).toBe(
      'from:from:to:to:reply-to:subject:subject:date:date:message-id:message-id:list-unsubscribe:mime-version:mime-version:content-type:content-type',
    );
    expect(['l', 'i', 'x'].map((name) => tag(signature, name))).toEqual(['', '', '']);
    const added = bytes.subarray(0, bytes.length - message.bytes.length).toString('latin1');
    expect(Math.max(...added.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(78);
    expect(bytes.subarray(added.length).equals(message.bytes)).toBe(true);
  });

  test('is the same at every attempt', async () => {
    const [one, other] = [compose('Hello'), compose('Hello')];
    expect(await signMessage([rsa, ed25519], one)).toEqual(await signMessage([rsa, ed25519], other));
  });

  test.each([
    ['no key', []],
    ['no key of the domain', [makeKey('ed25519-sha256', { domain: 'other.example' })]],
    ['a key of a longer domain only', [makeKey('ed25519-sha256', { domain: 'news.shop.example' })]],
    ['a key of a domain that ends alike', [makeKey('ed25519-sha256', { domain: 'hop.example' })]],
  ])('is not there with %s', async (_, keys) => {
    const message = compose('Hello');
    expect(await signMessage(keys, message)).toBe(message.bytes);
  });
});

/** RFC 8463, Appendix A. */
describe('the example of RFC 8463', () => {
  const headers: [string, string][] = [
    ['From', 'Joe SixPack <joe@football.example.com>'],
    ['To', 'Suzie Q <suzie@shopping.example.net>'],
    ['Subject', 'Is dinner ready?'],
    ['Date', 'Fri, 11 Jul 2003 21:00:37 -0700 (PDT)'],
    ['Message-ID', '<20030712040037.46341.5F8J@football.example.com>'],
  ];
  const names = ['from', 'to', 'subject', 'date', 'message-id', 'from', 'subject', 'date'];
  const hash = '2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=';

  test('has this body hash', () => {
    const body = Buffer.from('Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n');
    expect(createHash('sha256').update(relaxBody(body)).digest('base64')).toBe(hash);
  });

  test('has this Ed25519 signature', async () => {
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
    const d = 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A';
    const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x, d }, format: 'jwk' });
    const unsigned = [
      'v=1; a=ed25519-sha256; c=relaxed/relaxed;',
      'd=football.example.com; i=@football.example.com;',
      'q=dns/txt; s=brisbane; t=1528637909; h=from : to :',
      'subject : date : message-id : from : subject : date;',
      `bh=${hash};`,
      'b=',
    ].join('\r\n ');
    expect(await signHeaders(key, canonicalHeaders(headers, names), unsigned)).toBe(
      '/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
    );
  });

  test('has an RSA signature over what we would sign', () => {
    const spki =
      'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB';
    const key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
    const unsigned = [
      'v=1; a=rsa-sha256; c=relaxed/relaxed;',
      'd=football.example.com; i=@football.example.com;',
      'q=dns/txt; s=test; t=1528637909; h=from : to : subject :',
      'date : message-id : from : subject : date;',
      `bh=${hash};`,
      'b=',
    ].join('\r\n ');
    const text = canonicalHeaders(headers, names) + relaxHeader('DKIM-Signature', unsigned).slice(0, -2);
    const signature =
      'F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2JzdA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=';
    expect(verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'base64'))).toBe(true);
  });
});
