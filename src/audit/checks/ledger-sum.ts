import type { MessageStatus, StatusCounts } from '../../delivery/message-status.js';
import type { PartRow } from '../bundle-format.js';
import { MerkleTree } from '../merkle.js';

/** What the ledger's rows come to, taken one by one. */
export class LedgerSum {
  readonly tree = new MerkleTree();
  /** Recipients by status, without seeds: as the delivery itself counts them. */
  readonly counts: StatusCounts = {};
  messages = 0;
  /** Rows that do not follow the one before in order of sequence. */
  readonly misplaced: number[] = [];
  private last = -Infinity;

  add({ seq, seed, status, leaf }: PartRow<'messages'>): void {
    this.messages += 1;
    if (seq <= this.last) this.misplaced.push(seq);
    this.last = seq;
    if (seed === null) this.counts[status] = (this.counts[status] ?? 0) + 1;
    if (leaf !== null) this.tree.append(Buffer.from(leaf, 'hex'));
  }
}

/** @returns whether the second can have come from the first by decisions on messages in doubt */
export function followsFrom(ended: StatusCounts, now: StatusCounts): boolean {
  const all = [...new Set([...Object.keys(ended), ...Object.keys(now)])] as MessageStatus[];
  const fewer = all.filter((status) => (now[status] ?? 0) < (ended[status] ?? 0));
  return total(ended) === total(now) && fewer.every((status) => status === 'in-doubt');
}

function total(counts: StatusCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** What the rows of each proof come to, by its number. */
export class ProofSums {
  private readonly sums = new Map<number, { counts: StatusCounts; revisions: Set<string>; tree: MerkleTree }>();

  add({ proof, status, revision = '', leaf }: PartRow<'proofs'>): void {
    const sum = this.sums.get(proof) ?? { counts: {}, revisions: new Set(), tree: new MerkleTree() };
    this.sums.set(proof, sum);
    sum.counts[status] = (sum.counts[status] ?? 0) + 1;
    sum.revisions.add(revision);
    if (leaf !== null) sum.tree.append(Buffer.from(leaf, 'hex'));
  }

  get numbers(): number[] {
    return [...this.sums.keys()];
  }

  /** Nothing is there of a proof that went to nobody. */
  of(proof: number): { counts: StatusCounts; revisions: string[]; root: string } {
    const { counts, revisions, tree } = this.sums.get(proof) ?? { counts: {}, revisions: [], tree: new MerkleTree() };
    return { counts, revisions: [...revisions], root: tree.root().toString('hex') };
  }
}
