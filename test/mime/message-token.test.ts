import fc from 'fast-check';
import { isGenuine, messageTokens, messageUrls, readToken, type TokenUse } from '../../src/mime/message-token.js';
import { messageIdentities } from '../../src/mime/sealed-hash.js';

const number = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const subject = fc.record({ deliveryKey: number, proof: number, seq: number });
const use = fc.constantFrom<TokenUse>('unsubscription', 'mirror');
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));

test('a token names its message, is genuine for its use under its delivery’s secret, and in no other way', () => {
  fc.assert(
    fc.property(subject, secret, secret, use, (message, key, other, wanted) => {
      fc.pre(!key.equals(other));
      const text = messageTokens(key, wanted)(message);
      expect(text).toMatch(/^[A-Za-z0-9_-]{39}$/);
      const token = readToken(text);
      if (!token) throw new Error('it was not read');
      expect(token).toMatchObject(message);
      expect(token.mac).toHaveLength(16);
      expect(isGenuine(token, key, wanted)).toBe(true);
      expect(isGenuine(token, other, wanted)).toBe(false);
      expect(isGenuine(token, key, wanted === 'mirror' ? 'unsubscription' : 'mirror')).toBe(false);
    }),
  );
});

test('whatever is changed of a token, it is one no more', () => {
  const key = Buffer.alloc(32, 7);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const letter = fc.constantFrom(...alphabet.split(''));
  fc.assert(
    fc.property(subject, fc.nat(38), letter, (message, place, changed) => {
      const text = messageTokens(key, 'mirror')(message);
      fc.pre(text[place] !== changed);
      const token = readToken(text.slice(0, place) + changed + text.slice(place + 1));
      expect(token !== undefined && isGenuine(token, key, 'mirror')).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test('other messages have other tokens, which show nothing of Message-ID and salt', () => {
  const key = Buffer.alloc(32, 7);
  const tokens = [0, 1].flatMap((proof) =>
    [1, 2].map((seq) => messageTokens(key, 'unsubscription')({ deliveryKey: 1, proof, seq })),
  );
  expect(new Set(tokens.map((token) => readToken(token)?.mac.toString('hex'))).size).toBe(4);
  const identity = messageIdentities({ secret: key, hash: 'ab'.repeat(32), domain: 'x.example' })({ proof: 0, seq: 1 });
  expect(JSON.stringify(identity)).not.toContain(readToken(tokens[0] ?? '')?.mac.toString('hex'));
});

test('what is no token is not read', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => readToken(text) === undefined));
  const text = messageTokens(Buffer.alloc(32), 'mirror')({ deliveryKey: 1, proof: 0, seq: 1 });
  expect([text.slice(1), `${text}A`, `${text}\n`, `${text}=`].map(readToken)).toEqual(Array(4).fill(undefined));
});

test('links in mailboxes stay good: the same message has the same address for ever', () => {
  const message = { deliveryKey: 1, proof: 0, seq: 2 };
  expect(messageUrls('https://news.shop.example', Buffer.alloc(32, 7), 'unsubscription')(message)).toBe(
    'https://news.shop.example/u/AQAAAAEAAAAAAAAAAjP4y5hgY5ZCNFhWD1O3GFE',
  );
  expect(messageUrls('https://news.shop.example', Buffer.alloc(32, 7), 'mirror')(message)).toBe(
    'https://news.shop.example/m/AQAAAAEAAAAAAAAAAqunnFwoWef14B9-06Rkg78',
  );
});
