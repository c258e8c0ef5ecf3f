const { imul } = Math;

/**
 * Counts different texts in 16 to 32 bytes each, whatever their length. What comes twice is never taken for two. Two texts
 * whose 53-bit hashes are alike would be taken for one (1 in 10,000 that it happens among a million): whoever expects a
 * number sees one too few then, and never one that hides a lack.
 */
export class DistinctCount {
  /** Open addressing; 0 is an empty place. */
  #table = new Float64Array(1_024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(text: string): void {
    if (!insert(this.#table, hashOf(text))) return;
    this.#size += 1;
    if (this.#size * 2 > this.#table.length) this.#grow();
  }

  clear(): void {
    this.#table = new Float64Array(1_024);
    this.#size = 0;
  }

  #grow(): void {
    const larger = new Float64Array(this.#table.length * 2);
    for (const hash of this.#table) if (hash !== 0) insert(larger, hash);
    this.#table = larger;
  }
}

/** @returns whether it was not there */
function insert(table: Float64Array, hash: number): boolean {
  const last = table.length - 1;
  let at = hash % table.length;
  for (let there = table[at]; there !== 0; there = table[at]) {
    if (there === hash) return false;
    at = at === last ? 0 : at + 1;
  }
  table[at] = hash;
  return true;
}

/** Two multiplicative hashes of 32 bits side by side, each mixed with the other at the end. */
function hashOf(text: string): number {
  let a = 0x9e3779b9;
  let b = 0x7f4a7c15;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = imul(a ^ code, 0x85ebca6b);
    b = imul(b ^ code, 0xc2b2ae35);
  }
  const high = mixed(a ^ (b >>> 13));
  const low = mixed(b ^ (a >>> 16));
  return (high & 0x1fffff) * 0x1_0000_0000 + (low >>> 0) || 1;
}

function mixed(word: number): number {
  const once = imul(word ^ (word >>> 16), 0x7feb352d);
  const twice = imul(once ^ (once >>> 15), 0x846ca68b);
  return twice ^ (twice >>> 16);
}
