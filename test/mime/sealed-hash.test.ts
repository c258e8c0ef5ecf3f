import { createHash, createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { relaxBody, relaxHeader } from '../../src/mime/relaxed-canonicalisation.js';
import { computeLeaf, hmacSha256, messageIdentities, sealedHashes, sealedHeaders } from '../../src/mime/sealed-hash.js';
import { composeMessage, type OneMessage } from './one-message.js';

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest();

describe('relaxHeader', () => {
  test.each([
    // RFC 6376 §3.4.5, example 1.
    ['A', ' X', 'a:X\r\n'],
    ['B ', ' Y\t\r\n\tZ  ', 'b:Y Z\r\n'],
    ['Subject', 'one\r\n two  three', 'subject:one two three\r\n'],
  ])('%j: %j', (name, value, canonical) => {
    expect(relaxHeader(name, value)).toBe(canonical);
  });
});

describe('relaxBody', () => {
  test.each([
    // RFC 6376 §3.4.5, example 1.
    [' C \r\nD \t E\r\n\r\n\r\n', ' C\r\nD E\r\n'],
    ['', ''],
    ['\r\n\r\n', ''],
    [' \t\r\n', ''],
    ['no end', 'no end\r\n'],
    ['a\r\n\r\nb', 'a\r\n\r\nb\r\n'],
    ['bare\rcr and\nlf \n', 'bare\rcr and\nlf \n\r\n'],
  ])('%j → %j', (body, canonical) => {
    expect(relaxBody(Buffer.from(body)).toString()).toBe(canonical);
  });

  test('of nothing has the hash that RFC 6376 §3.4.4 gives', () => {
    expect(sha256(relaxBody(Buffer.alloc(0))).toString('base64')).toBe('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
  });

  test('agrees with the rules written as replacements', () => {
    const text = fc
      .array(fc.constantFrom(' ', '\t', '\r\n', 'a', '=', '\r', '\n'), { maxLength: 40 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (body) => {
        const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
        while (lines.at(-1) === '') lines.pop();
        expect(relaxBody(Buffer.from(body)).toString()).toBe(lines.map((line) => `${line}\r\n`).join(''));
      }),
    );
  });
});

const secret = Buffer.alloc(32, 7);
const revision = 'ab'.repeat(32);
const first = { secret, hash: revision, proof: 0, seq: 1, domain: 'shop.example' };
const messageIdentity = (message: typeof first) => messageIdentities(message)(message);

describe('messageIdentities', () => {
  test('is the same at every attempt', () => {
    expect(messageIdentity(first)).toEqual(messageIdentity({ ...first, secret: Buffer.from(secret) }));
    expect(messageIdentity(first)).toEqual({
      messageId: expect.stringMatching(/^<[0-9a-f]{32}@shop\.example>$/),
      boundary: expect.stringMatching(/^=_[0-9a-f]{32}$/),
      envelopeSalt: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  test('takes the HMAC that Node gives, whatever key and text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.string({ unit: 'binary' }), (key, text) => {
        expect(hmacSha256(Buffer.from(key))(text)).toBe(createHmac('sha256', key).update(text).digest('hex'));
      }),
    );
  });

  test('is made of the halves of one HMAC', () => {
    const digits = createHmac('sha256', secret).update(`message\0${revision}\x000\x001`).digest('hex');
    expect(messageIdentity(first)).toEqual({
      messageId: `<${digits.slice(0, 32)}@shop.example>`,
      boundary: `=_${digits.slice(0, 32)}`,
      envelopeSalt: digits.slice(32),
    });
  });

  test.each([
    ['message', { seq: 2 }, {}],
    ['proof', { proof: 1 }, {}],
    ['revision', { hash: 'ac'.repeat(32) }, {}],
    ['delivery', { secret: Buffer.alloc(32, 8) }, {}],
    ['pair of proof and message that reads alike', { proof: 1, seq: 11 }, { proof: 11, seq: 1 }],
  ])('shares nothing with another %s', (_, change, base) => {
    const one = messageIdentity({ ...first, ...base });
    const other = messageIdentity({ ...first, ...change });
    expect(other.messageId).not.toBe(one.messageId);
    expect(other.boundary).not.toBe(one.boundary);
    expect(other.envelopeSalt).not.toBe(one.envelopeSalt);
  });
});

describe('the leaf', () => {
  const { messageId, boundary, envelopeSalt } = messageIdentity(first);
  const input: OneMessage = {
    from: { name: 'The Shop', address: 'news@shop.example' },
    replyTo: { address: 'answers@shop.example' },
    to: 'reader@mail.example',
    subject: 'Hello',
    text: 'Hello',
    html: '<p>Hello</p>',
    unsubscribeUrl: 'https://shop.example/u/1',
    messageId,
    boundary,
    date: new Date('2026-11-02T09:00:00Z'),
  };
  const envelope = { salt: envelopeSalt, sender: 'bounce@shop.example', recipient: 'reader@mail.example' };
  type Envelope = Parameters<typeof sealedHashes>[0];
  const leafOf = (change: Partial<OneMessage> = {}, other: Partial<Envelope> = {}) =>
    computeLeaf(sealedHashes({ ...envelope, ...other }, composeMessage({ ...input, ...change }))).toString('hex');

  test.each([
    ['without an archive', undefined, ''],
    ['with one', 'archive@shop.example', '\0archive@shop.example'],
  ])('is made as the design says, %s', (_, archive, sealedToo) => {
    const { headers, bytes, bodyOffset } = composeMessage(input);
    const sealed = headers.filter(([name]) => name !== 'Date').map(([name, value]) => relaxHeader(name, value));
    const parts = [
      Buffer.of(0),
      sha256(`${envelopeSalt}bounce@shop.example\0reader@mail.example${sealedToo}`),
      sha256(sealed.join('')),
      sha256(relaxBody(bytes.subarray(bodyOffset))),
    ];
    expect(leafOf({}, { archive })).toBe(sha256(Buffer.concat(parts)).toString('hex'));
  });

  test('does not depend on the date', () => {
    expect(leafOf({ date: new Date(0) })).toBe(leafOf());
  });

  test('leaves out what is added after it and takes in what is not known to it', () => {
    const { headers } = composeMessage(input);
    const added: [string, string][] = [
      ['DKIM-Signature', 'v=1'],
      ['received', 'from x'],
    ];
    expect(sealedHeaders([...added, ...headers])).toBe(sealedHeaders(headers));
    expect(sealedHeaders([['Bcc', 'x@mail.example'], ...headers])).toBe(
      `bcc:x@mail.example\r\n${sealedHeaders(headers)}`,
    );
  });

  test.each<[string, Partial<OneMessage>, Partial<Envelope>]>([
    ['sender name', { from: { name: 'Another Shop', address: 'news@shop.example' } }, {}],
    ['sender address', { from: { name: 'The Shop', address: 'news@other.example' } }, {}],
    ['reply address', { replyTo: { address: 'other@shop.example' } }, {}],
    ['recipient header', { to: 'other@mail.example' }, {}],
    ['subject', { subject: 'Hello!' }, {}],
    ['text', { text: 'Hello!' }, {}],
    ['HTML', { html: '<p>Hello!</p>' }, {}],
    ['lack of HTML', { html: undefined }, {}],
    ['unsubscription link', { unsubscribeUrl: 'https://shop.example/u/2' }, {}],
    ['Message-ID', { messageId: '<x@shop.example>' }, {}],
    ['envelope sender', {}, { sender: 'other@shop.example' }],
    ['envelope recipient', {}, { recipient: 'other@mail.example' }],
    ['archive', {}, { archive: 'archive@shop.example' }],
    ['salt', {}, { salt: '0'.repeat(32) }],
  ])('differs for another %s', (_, change, other) => {
    expect(leafOf(change, other)).not.toBe(leafOf());
  });
});
