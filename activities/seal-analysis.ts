import { MerkleTree, computeSeal } from '../src/audit/merkle.js';
import { leafPages, storeSeal } from '../src/store/preparation.js';
import type { Dependencies } from './dependencies.js';
import { heartbeating } from './heartbeating.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/** Ends step 3: the seal over all leaves in order of sequence, bound to the revision. The same analysis, the same seal. */
export async function sealAnalysis(
  { database }: Dependencies,
  revision: CompiledRevision,
): Promise<{ seal: string; count: number }> {
  return await heartbeating(async (beat) => {
    const tree = new MerkleTree();
    for await (const page of leafPages(database, revision.deliveryKey)) {
      for (const leaf of page) tree.append(leaf);
      beat({ sealed: tree.count });
    }
    const { count } = tree;
    const seal = computeSeal({ revision: revision.hash, count, root: tree.root() });
    await storeSeal(database, revision, { seal, count, icu: process.versions.icu });
    return { seal, count };
  });
}
