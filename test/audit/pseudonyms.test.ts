import { pseudonyms, withoutAddresses } from '../../src/audit/pseudonyms.js';

test('an address has one pseudonym in a delivery, and another in another', () => {
  const [one, other] = [1, 2].map((fill) => pseudonyms(Buffer.alloc(32, fill)));
  expect(one?.('ann@shop.example')).toBe(one?.('ann@shop.example'));
  expect(one?.('ann@shop.example')).not.toBe(one?.('ben@shop.example'));
  expect(one?.('ann@shop.example')).not.toBe(other?.('ann@shop.example'));
  expect(one?.('ann@shop.example')).toMatch(/^hmac:[0-9a-f]{32}$/);
});

test.each([
  ['550 5.1.1 <ann@shop.example>: user unknown', '550 5.1.1 <(address)>: user unknown'],
  ['550 ann+news@shop.example, rejected', '550 (address), rejected'],
  ['550 grüße@bücher.example', '550 (address)'],
  ['250 2.0.0 Ok: queued as 4F1', '250 2.0.0 Ok: queued as 4F1'],
])('%s loses its addresses', (text, left) => {
  expect(withoutAddresses({ deep: [text, 1, null, true] })).toEqual({ deep: [left, 1, null, true] });
});
