import { parseAddress } from '../../src/delivery/address.js';
import type { FieldValue } from '../../src/delivery/definition.js';
import { compileMobileFormat } from '../../src/delivery/mobile-format.js';
import { mobileReaders } from './mobile-readers.js';

const carrierOf = compileMobileFormat({ mobileFormatField: 'mobile_format' });
const named = (mobile_format: FieldValue) => ({ mobile_format });

test.each(mobileReaders)('%s, %j: %s', (written, fields, carrier) => {
  const { address = '' } = parseAddress(written) ?? {};
  expect(carrierOf({ address, fields })).toBe(carrier);
});

test('another column may name it', () => {
  const byPhone = compileMobileFormat({ mobileFormatField: 'phone' });
  expect(byPhone({ address: 'a@shop.example', fields: { phone: 'docomo' } })).toBe('docomo');
  expect(byPhone({ address: 'a@shop.example', fields: named('docomo') })).toBeUndefined();
});

// [the test address, the profile's address, what the profile names]
test.each([
  ['qa@reviewers.example', 'a@DoCoMo.ne.jp', {}, 'docomo'],
  ['qa@ezweb.ne.jp', 'a@docomo.ne.jp', {}, 'au'],
  ['qa@ezweb.ne.jp', 'a@shop.example', {}, 'au'],
  ['qa@ezweb.ne.jp', 'a@docomo.ne.jp', named('softbank'), 'softbank'],
  ['qa@ezweb.ne.jp', 'a@docomo.ne.jp', named('none'), undefined],
  ['qa@reviewers.example', 'a@shop.example', {}, undefined],
  ['qa@reviewers.example', null, {}, undefined],
])('a proof to %s of %s, %j: %s', (address, profileAddress, fields, carrier) => {
  expect(carrierOf({ address, fields, profileAddress })).toBe(carrier);
});
