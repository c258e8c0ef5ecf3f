import * as fc from 'fast-check';
import { parseAddress } from '../../src/delivery/address.js';
import { compileVerp, readVerp } from '../../src/mime/verp.js';

const secret = Buffer.alloc(32, 7);
const subjects = fc.record({
  deliveryKey: fc.nat({ max: 2 ** 40 - 1 }),
  proof: fc.nat({ max: 65_535 }),
  seq: fc.nat({ max: 2 ** 32 - 1 }),
});
const returnPath = compileVerp(secret, `${'b'.repeat(31)}@Shop.example`);

test('a return path is an address that gives its message back, in either case', () => {
  fc.assert(
    fc.property(subjects, (subject) => {
      const address = returnPath(subject);
      expect(parseAddress(address)?.address).toBe(address);
      expect(address.indexOf('@')).toBeLessThanOrEqual(64);
      expect(readVerp(address, () => secret)).toEqual(subject);
      expect(readVerp(address.toUpperCase(), () => secret)).toEqual(subject);
    }),
  );
});

test('a token with any letter changed is forged', () => {
  const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'.split(''));
  fc.assert(
    fc.property(subjects, fc.nat({ max: 31 }), letters, (subject, place, letter) => {
      const address = returnPath(subject);
      const i = 32 + place;
      fc.pre(address[i] !== letter);
      expect(readVerp(address.slice(0, i) + letter + address.slice(i + 1), () => secret)).toBeUndefined();
    }),
  );
});

test('another secret and an unknown delivery verify nothing', () => {
  const address = returnPath({ deliveryKey: 1, proof: 0, seq: 5 });
  expect(readVerp(address, () => Buffer.alloc(32, 8))).toBeUndefined();
  expect(readVerp(address, () => undefined)).toBeUndefined();
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(readVerp(text, () => secret)).toBeUndefined();
      expect(readVerp(`a+${text}@shop.example`, () => secret)).toBeUndefined();
    }),
  );
});

test.each([
  ['32 characters before the @', `${'b'.repeat(32)}@shop.example`],
  ['a local part that is not ASCII', 'grüße@shop.example'],
  ['no address', 'shop.example'],
])('refuses %s', (_, base) => {
  expect(() => compileVerp(secret, base)).toThrow(RangeError);
});

test.each([
  ['delivery key', { deliveryKey: 2 ** 40, proof: 0, seq: 0 }],
  ['proof', { deliveryKey: 0, proof: 65_536, seq: 0 }],
  ['seq', { deliveryKey: 0, proof: 0, seq: 2 ** 32 }],
])('refuses a %s that does not fit', (_, subject) => {
  expect(() => returnPath(subject)).toThrow(RangeError);
});
