import { createHash } from 'node:crypto';
import { canonicalJson } from '../delivery/canonical-json.js';
import type { Schedule } from '../delivery/waves.js';
import { hexSha256 } from './revision-hash.js';

const sha256 = (...parts: (Buffer | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** RFC 6962 §2.1: leaves are hashed with 0x00 in front, nodes with 0x01, so that neither can pass for the other. */
const nodePrefix = Buffer.of(1);
const sealPrefix = Buffer.of(2);
const scheduledSealPrefix = Buffer.of(3);

/**
 * The Merkle tree of RFC 6962 §2.1, built leaf by leaf in O(log n) memory. A last node without a neighbour moves up as
 * it is; duplicating it would give two lists of leaves the same root.
 */
export class MerkleTree {
  /** Roots of the complete subtrees, from the biggest; one for each 1 in the binary form of `count`. */
  readonly #subtrees: Buffer[] = [];
  #count = 0;
  #watched: { index: number; path: Buffer[] } | undefined;

  get count(): number {
    return this.#count;
  }

  /** From here on the path of the leaf that comes next is kept; see {@link watched}. */
  watchNext(): void {
    this.#watched = { index: this.#count, path: [] };
  }

  /** @param leaf - 32 bytes, hashed with its 0x00 prefix already */
  append(leaf: Buffer): void {
    if (leaf.length !== 32) throw new RangeError(`a leaf is a SHA-256 of 32 bytes, not ${leaf.length}`);
    const count = this.#count + 1;
    let right = leaf;
    let size = 1;
    for (let below = this.#count; below % 2 === 1; below = Math.floor(below / 2)) {
      const left = this.#subtrees.pop() ?? right;
      this.#watched?.path.push(...siblingOf(this.#watched.index, { left, right, from: count - 2 * size, size }));
      right = sha256(nodePrefix, left, right);
      size *= 2;
    }
    this.#subtrees.push(right);
    this.#count = count;
  }

  /** @returns the root over all leaves so far; SHA-256 of nothing for an empty tree */
  root(): Buffer {
    if (this.#subtrees.length === 0) return sha256();
    return this.#subtrees.reduceRight((right, left) => sha256(nodePrefix, left, right));
  }

  /**
   * @returns place and audit path (RFC 6962 §2.1.1) of the leaf that {@link watchNext} announced, in the tree of all leaves
   *   so far: the hashes beside its way to the root, the lowest first
   */
  watched(): { index: number; path: Buffer[] } | undefined {
    const { index = 0, path = [] } = this.#watched ?? {};
    if (!this.#watched || index >= this.#count) return undefined;
    const beside: Buffer[] = [];
    let right: Buffer | undefined;
    let from = this.#count;
    for (const left of this.#subtrees.toReversed()) {
      const size = lastSubtree(from);
      from -= size;
      if (right) beside.push(...siblingOf(index, { left, right, from, size }));
      right = right ? sha256(nodePrefix, left, right) : left;
    }
    return { index, path: [...path, ...beside] };
  }
}

/** @returns how many leaves the last complete subtree of so many has: the lowest 1 of the number */
function lastSubtree(count: number): number {
  let size = 1;
  while (count % (2 * size) === 0) size *= 2;
  return size;
}

/** @returns the half of a node that a leaf is not in; nothing where the node does not hold the leaf */
function siblingOf(
  index: number,
  { left, right, from, size }: { left: Buffer; right: Buffer; from: number; size: number },
): Buffer[] {
  if (index < from) return [];
  return [index < from + size ? right : left];
}

/**
 * The root that a leaf and its audit path give (RFC 9162 §2.1.3.2).
 *
 * @returns undefined where the path has another length than that of such a place
 */
export function rootOfPath(
  leaf: Buffer,
  { index, count, path }: { index: number; count: number; path: readonly Buffer[] },
): Buffer | undefined {
  if (!Number.isSafeInteger(index) || index < 0 || index >= count) return undefined;
  let [at, last, node] = [index, count - 1, leaf];
  for (const beside of path) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      node = sha256(nodePrefix, beside, node);
      // Levels at which the node had no neighbour, and moved up as it was.
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else node = sha256(nodePrefix, node, beside);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? node : undefined;
}

/**
 * What an approver confirms: the messages (by their root and number) under the settings and content of one revision, and
 * when they leave, where that was scheduled.
 *
 * @param revision - SHA-256 of the revision, 64 hex digits
 * @param count - number of leaves
 * @param root - Merkle root over the leaves in sequence order
 * @param schedule - of {@link scheduleHash}; absent where the definition names no schedule
 * @returns 64 hex digits
 */
export function computeSeal({
  revision,
  count,
  root,
  schedule,
}: {
  revision: string;
  count: number;
  root: Buffer;
  schedule?: string | undefined;
}): string {
  for (const hash of [revision, schedule ?? revision])
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new RangeError('a revision and a schedule are named by 64 hex digits');
  if (root.length !== 32) throw new RangeError(`a root is a SHA-256 of 32 bytes, not ${root.length}`);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(count));
  const parts = [Buffer.from(revision, 'hex'), size, root];
  return (
    schedule === undefined
      ? sha256(sealPrefix, ...parts)
      : sha256(scheduledSealPrefix, ...parts, Buffer.from(schedule, 'hex'))
  ).toString('hex');
}

/** What a seal holds of a schedule: SHA-256 of its canonical JSON. */
export function scheduleHash(schedule: Schedule): string {
  return hexSha256(canonicalJson(schedule));
}
