import { createHash } from 'node:crypto';

const sha256 = (...parts: (Buffer | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** RFC 6962 §2.1: leaves are hashed with 0x00 in front, nodes with 0x01, so that neither can pass for the other. */
const nodePrefix = Buffer.of(1);
const sealPrefix = Buffer.of(2);

/**
 * The Merkle tree of RFC 6962 §2.1, built leaf by leaf in O(log n) memory. A last node without a neighbour moves up as
 * it is; duplicating it would give two lists of leaves the same root.
 */
export class MerkleTree {
  /** Roots of the complete subtrees, from the biggest; one for each 1 in the binary form of `count`. */
  readonly #subtrees: Buffer[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param leaf - 32 bytes, hashed with its 0x00 prefix already */
  append(leaf: Buffer): void {
    if (leaf.length !== 32) throw new RangeError(`a leaf is a SHA-256 of 32 bytes, not ${leaf.length}`);
    let right = leaf;
    for (let below = this.#count; below % 2 === 1; below = Math.floor(below / 2)) {
      right = sha256(nodePrefix, this.#subtrees.pop() ?? right, right);
    }
    this.#subtrees.push(right);
    this.#count += 1;
  }

  /** @returns the root over all leaves so far; SHA-256 of nothing for an empty tree */
  root(): Buffer {
    if (this.#subtrees.length === 0) return sha256();
    return this.#subtrees.reduceRight((right, left) => sha256(nodePrefix, left, right));
  }
}

/**
 * What an approver confirms: the messages (by their root and number) under the settings and content of one revision.
 *
 * @param revision - SHA-256 of the revision, 64 hex digits
 * @param count - number of leaves
 * @param root - Merkle root over the leaves in sequence order
 * @returns 64 hex digits
 */
export function computeSeal({ revision, count, root }: { revision: string; count: number; root: Buffer }): string {
  if (!/^[0-9a-f]{64}$/.test(revision)) throw new RangeError('a revision is named by 64 hex digits');
  if (root.length !== 32) throw new RangeError(`a root is a SHA-256 of 32 bytes, not ${root.length}`);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(count));
  return sha256(sealPrefix, Buffer.from(revision, 'hex'), size, root).toString('hex');
}
