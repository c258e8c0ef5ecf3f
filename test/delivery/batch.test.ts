import fc from 'fast-check';
import { batchesOf, batchesOfRanges, cutAgain, takeTogether } from '../../src/delivery/batch.js';

test('batches cover every sequence number once, in order, and none is larger than asked', () => {
  const input = fc.record({
    firstSeq: fc.integer({ min: 1, max: 50 }),
    count: fc.integer({ min: 0, max: 500 }),
    size: fc.integer({ min: 1, max: 70 }),
  });
  fc.assert(
    fc.property(input, ({ firstSeq, count, size }) => {
      const batches = batchesOf({ firstSeq, lastSeq: firstSeq + count - 1 }, size);
      const covered = batches.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
      expect(covered).toEqual(Array.from({ length: count }, (_, i) => firstSeq + i));
      expect(batches.map(({ number }) => number)).toEqual(batches.map((_, index) => index));
      expect(batches.every(({ from, to }) => to - from < size)).toBe(true);
    }),
  );
});

test('batches that one activity takes together are the same batches again, and a quarter of what is left at most', () => {
  const input = fc.record({
    counts: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
    size: fc.integer({ min: 1, max: 30 }),
    // As where some of them are tried again.
    without: fc.array(fc.nat({ max: 60 })),
  });
  fc.assert(
    fc.property(input, ({ counts, size, without }) => {
      let next = 1;
      const ranges = counts.map((count) => ({ firstSeq: next, lastSeq: (next += count) - 1 }));
      const all = batchesOfRanges(ranges, size).filter(({ number }) => !without.includes(number));
      const rest = [...all];
      const taken = [];
      while (rest.length > 0) {
        const before = rest.length;
        const range = takeTogether(rest, size);
        const batches = range ? cutAgain(range, size) : [];
        expect(batches.length).toBeLessThanOrEqual(Math.max(1, Math.min(5, before / 4)));
        taken.push(...batches);
      }
      expect(taken).toEqual(all);
    }),
  );
});

test('as many are taken together as there may be', () => {
  const rest = batchesOf({ firstSeq: 1, lastSeq: 60_000 }, 2_000);
  const sizes = [];
  while (rest.length > 0) {
    const { from = 0, to = 0 } = takeTogether(rest, 2_000) ?? {};
    sizes.push((to + 1 - from) / 2_000);
  }
  expect(sizes).toEqual([5, 5, 5, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1]);
});
