import fc from 'fast-check';
import { DistinctCount } from './distinct-count.js';

test('counts as a set does', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 200 }), (texts) => {
      const count = new DistinctCount();
      for (const text of texts) count.add(text);
      expect(count.size).toBe(new Set(texts).size);
    }),
  );
});

test.each([
  ['addresses that differ by a number', (i: number) => `<person${i}@shop.example>`],
  ['Message-IDs that differ at their ends', (i: number) => `<${'0'.repeat(24)}${i.toString(16)}@shop.example>`],
  ['Message-IDs that differ at their beginnings', (i: number) => `<${i.toString(36)}${'z'.repeat(24)}@shop.example>`],
])('100,000 %s, each of them twice', (_, text) => {
  const count = new DistinctCount();
  for (const _again of [1, 2]) for (let i = 0; i < 100_000; i += 1) count.add(text(i));
  expect(count.size).toBe(100_000);
  count.clear();
  count.add(text(0));
  expect(count.size).toBe(1);
});
