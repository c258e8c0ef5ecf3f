/** A contiguous range of sequence numbers of messages, with an epoch of its own; an activity sends one, or some that follow each other. */
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

/** Batches that one activity sends one after the other, at the most. */
const mostTogether = 5;

/**
 * Takes the first of some batches, and whole ones that follow it without a gap, for one activity to send. It takes a
 * quarter of what is left at the most: towards the end each worker finds something to do.
 *
 * @param rest - in order; loses what is taken
 * @returns one range, numbered as its first batch; {@link cutAgain} makes the batches of it
 */
export function takeTogether(rest: Batch[], batchSize: number): Batch | undefined {
  const most = Math.min(mostTogether, rest.length / 4);
  const first = rest.shift();
  if (!first) return undefined;
  let { to } = first;
  for (let n = 1; n + 1 <= most && rest[0]?.from === first.from + n * batchSize; n += 1) to = rest.shift()?.to ?? to;
  return { ...first, to };
}

/** @returns the batches of a range from {@link takeTogether}, or the batch that it is */
export function cutAgain({ number, from, to }: Batch, batchSize: number): Batch[] {
  return batchesOf({ firstSeq: from, lastSeq: to }, batchSize).map((one) => ({ ...one, number: number + one.number }));
}

/** @returns the number of each range's first batch, as {@link batchesOfRanges} counts, from where the ranges begin */
export function firstBatches(firstSeqs: readonly number[], batchSize: number): number[] {
  let number = 0;
  return firstSeqs.map((firstSeq, i) => (number += Math.ceil((firstSeq - (firstSeqs[i - 1] ?? firstSeq)) / batchSize)));
}
