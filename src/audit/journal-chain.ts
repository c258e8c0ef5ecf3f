import { createHash } from 'node:crypto';
import { canonicalJson } from '../delivery/canonical-json.js';

/** An entry of a delivery's journal, with the hash that chains it to the one before. */
export interface ChainedEntry {
  /** From 1 within the delivery, without gaps. */
  n: number;
  /** ISO 8601 with milliseconds. */
  at: string;
  kind: string;
  /** All the rest of the entry. */
  data: Record<string, unknown>;
  /** 64 hex digits. */
  hash: string;
}

/** What the first entry has in place of the hash before it. */
export const chainStart: Buffer = Buffer.alloc(32);

/** 0x00 to 0x02 stand before leaves, nodes and seals: none of them can pass for an entry. */
const entryPrefix = Buffer.of(3);

/**
 * `SHA-256(0x03 ‖ previous hash ‖ canonical JSON of { delivery, n, at, kind, data })`
 *
 * @throws TypeError where the entry holds what JSON cannot carry
 */
export function chainHash(
  previous: Buffer,
  deliveryId: string,
  { n, at, kind, data }: Omit<ChainedEntry, 'hash'>,
): Buffer {
  const text = canonicalJson({ delivery: deliveryId, n, at, kind, data });
  return createHash('sha256').update(entryPrefix).update(previous).update(text).digest();
}

/**
 * What is wrong with a journal, a sentence for each entry at which the chain breaks. Each entry is held against the hash
 * that the one before it has, so that one change does not make all that follow look changed.
 *
 * It cannot see that entries are missing at the end, nor that everything from some entry on was hashed anew: for that, the
 * last hash has to be compared with one that was kept elsewhere.
 *
 * @param entries - all of a delivery's, in order
 * @returns nothing where the chain is unbroken
 */
export function checkChain(deliveryId: string, entries: readonly ChainedEntry[]): string[] {
  const faults: string[] = [];
  let last = { n: 0, hash: chainStart };
  for (const entry of entries) {
    const { n } = entry;
    if (!(n > last.n)) faults.push(`entry ${n} stands after entry ${last.n}`);
    else if (n > last.n + 1) faults.push(missing(last.n + 1, n - 1));
    else {
      const fault = faultOf(deliveryId, entry, last.hash);
      if (fault !== undefined) faults.push(fault);
    }
    last = { n, hash: Buffer.from(entry.hash, 'hex') };
  }
  return faults;
}

function missing(from: number, to: number): string {
  return from === to ? `entry ${from} is missing` : `entries ${from} to ${to} are missing`;
}

function faultOf(deliveryId: string, entry: ChainedEntry, previous: Buffer): string | undefined {
  const named = `entry ${entry.n}`;
  try {
    if (chainHash(previous, deliveryId, entry).toString('hex') === entry.hash) return undefined;
  } catch (error) {
    if (error instanceof TypeError) return `${named} holds what no entry can hold: ${error.message}`;
    throw error;
  }
  const before = entry.n === 1 ? '' : `, or the hash of entry ${entry.n - 1} was`;
  return `${named} does not match its hash: it was changed after it was written${before}`;
}
