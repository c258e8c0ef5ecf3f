/** A contiguous range of sequence numbers of messages, the unit of one activity. */
export interface Batch {
  /** From 0 within the delivery. */
  number: number;
  from: number;
  /** Inclusive. */
  to: number;
}

/** @returns the batches of a target whose sequence numbers go from `firstSeq` to `lastSeq`; none when it is empty */
export function batchesOf(target: { firstSeq: number; lastSeq: number }, batchSize: number): Batch[] {
  const count = Math.max(0, Math.ceil((target.lastSeq - target.firstSeq + 1) / batchSize));
  return Array.from({ length: count }, (_, number) => {
    const from = target.firstSeq + number * batchSize;
    return { number, from, to: Math.min(from + batchSize - 1, target.lastSeq) };
  });
}

/**
 * The batches of several ranges, one after the other: none crosses the end of a range, and their numbers go on.
 *
 * @param ranges - each begins where the one before has ended
 */
export function batchesOfRanges(ranges: readonly { firstSeq: number; lastSeq: number }[], batchSize: number): Batch[] {
  return ranges.flatMap((range) => batchesOf(range, batchSize)).map((batch, number) => ({ ...batch, number }));
}

/** @returns the number of each range's first batch, as {@link batchesOfRanges} counts, from where the ranges begin */
export function firstBatches(firstSeqs: readonly number[], batchSize: number): number[] {
  let number = 0;
  return firstSeqs.map((firstSeq, i) => (number += Math.ceil((firstSeq - (firstSeqs[i - 1] ?? firstSeq)) / batchSize)));
}
