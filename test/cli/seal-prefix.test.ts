import { currentSeal, sealFromPrefix } from '../../src/cli/seal-prefix.js';
import { typedSealMatches } from '../../src/delivery/typed-seal.js';

const seal = '3f9c2a71'.repeat(8);
const other = '00112233'.repeat(8);

describe('--seal', () => {
  test.each([seal, seal.slice(0, 8), seal.slice(0, 40), seal.slice(0, 10).toUpperCase()])(
    '%s means this seal',
    (given) => {
      expect(sealFromPrefix(given, seal)).toBe(seal);
    },
  );

  test('a full seal goes to the delivery as it is: its refusal is recorded there', () => {
    expect(sealFromPrefix(other, seal)).toBe(other);
  });

  test.each([seal.slice(0, 7), '', 'confirm!', `${seal}0`, '3f9c2a7g'])('%j is no seal', (given) => {
    expect(() => sealFromPrefix(given, seal)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  test('the beginning of another seal is refused', () => {
    expect(() => sealFromPrefix('00112233', seal)).toThrow(expect.objectContaining({ code: 'REFUSED' }));
  });
});

test.each([
  ['3f9c2a71', true],
  ['3F9C2A713F', true],
  ['3f9c2a7', false],
  ['', false],
  ['00112233', false],
])('typing %j confirms: %s', (typed, matches) => {
  expect(typedSealMatches(typed, seal)).toBe(matches);
});

test('before the analysis there is no seal, and the phase says why', () => {
  expect(() => currentSeal({ id: 'news', phase: 'analysing' })).toThrow(/"news" is analysing/);
});
