import { createHash } from 'node:crypto';
import { canonicalJson } from '../delivery/canonical-json.js';

// To be joined: the journal's own branch has this file; its one stays.

/** An entry of the journal with the hash that ties it to all entries before it. */
export interface ChainedEntry {
  n: number;
  at: string;
  kind: string;
  data: Record<string, unknown>;
  hash: string;
}

export const chainStart: Buffer = Buffer.alloc(32);

/** 0x00 to 0x02 are taken by leaves, nodes and seals. */
const entryPrefix = Buffer.of(3);

export function chainHash(
  previous: Buffer,
  delivery: string,
  { n, at, kind, data }: Omit<ChainedEntry, 'hash'>,
): Buffer {
  const text = canonicalJson({ delivery, n, at, kind, data });
  return createHash('sha256').update(entryPrefix).update(previous).update(text).digest();
}

/** @returns faults in words, each with the entry's number; none where the chain is unbroken */
export function checkChain(delivery: string, entries: readonly ChainedEntry[]): string[] {
  const faults: string[] = [];
  let previous = chainStart;
  for (const [index, entry] of entries.entries()) {
    if (entry.n !== index + 1) faults.push(`entry ${entry.n} stands where entry ${index + 1} belongs`);
    if (chainHash(previous, delivery, entry).toString('hex') !== entry.hash) {
      faults.push(`entry ${entry.n} is not the one whose hash the chain holds, or the one before it is not`);
    }
    previous = Buffer.from(entry.hash, 'hex');
  }
  return faults;
}
