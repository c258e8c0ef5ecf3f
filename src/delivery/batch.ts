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
