import fc from 'fast-check';
import { batchesOf } from '../../src/delivery/batch.js';

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
