import { keyName, keyRecord, signingKeys } from '../../src/mime/dkim-key.js';
import { makeKey } from './verify-dkim.js';

const { privateKey } = makeKey('ed25519-sha256');
const key = (selector: string, domain: string) => ({
  selector,
  domain,
  algorithm: 'ed25519-sha256' as const,
  privateKey,
});

const keys = [
  key('s1', 'shop.example'),
  key('s2', 'shop.example'),
  key('s1', 'news.shop.example'),
  key('s1', 'b.example'),
];

test.each([
  ['shop.example', ['s1._domainkey.shop.example', 's2._domainkey.shop.example']],
  ['news.shop.example', ['s1._domainkey.news.shop.example']],
  ['de.news.shop.example', ['s1._domainkey.news.shop.example']],
  ['other.shop.example', ['s1._domainkey.shop.example', 's2._domainkey.shop.example']],
  ['b.example', ['s1._domainkey.b.example']],
  ['ab.example', []],
  ['example', []],
  ['', []],
])('mail from %j is signed by %j', (domain, names) => {
  expect(signingKeys(keys, domain).map(keyName)).toEqual(names);
});

test('the records to publish', () => {
  expect(keyRecord(makeKey('ed25519-sha256'))).toMatch(/^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/);
  expect(keyRecord(makeKey('rsa-sha256'))).toMatch(/^v=DKIM1; k=rsa; p=MIIB[A-Za-z0-9+/]{388}$/);
});
