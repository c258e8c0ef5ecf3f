import { pseudonyms, withoutAddresses, withoutPeople } from '../../src/audit/pseudonyms.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';

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

test('of seeds, the names of their fields stay and nothing that they say', () => {
  const settings = deliverySettingsSchema.parse({
    name: 'N',
    sender: { address: 'news@shop.example' },
    subject: 'S',
    target: { seeds: ['plain@panel.example', { address: 'ann@panel.example', fields: { first_name: 'Ann' } }] },
  });
  const left = withoutPeople(settings);
  expect(left['target']).toMatchObject({
    seeds: [
      { address: '(address)', fields: {} },
      { address: '(address)', fields: { first_name: '(value)' } },
    ],
  });
  expect(JSON.stringify(left)).not.toMatch(/Ann|panel/);
});
