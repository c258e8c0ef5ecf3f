import { MerkleTree, computeSeal, scheduleHash } from '../src/audit/merkle.js';
import type { Schedule } from '../src/delivery/waves.js';
import { leafPages, storeSeal } from '../src/store/preparation.js';
import { planSchedule } from '../src/store/schedule.js';
import type { Dependencies } from './dependencies.js';
import { heartbeating } from './heartbeating.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/**
 * Ends step 3: the seal over all leaves in order of sequence, bound to the revision and to when they leave. The same
 * analysis, the same seal.
 */
export async function sealAnalysis(
  { database }: Dependencies,
  revision: CompiledRevision,
): Promise<{ seal: string; count: number; schedule?: Schedule }> {
  return await heartbeating(async (beat) => {
    const tree = new MerkleTree();
    for await (const page of leafPages(database, revision.deliveryKey)) {
      for (const leaf of page) tree.append(leaf);
      beat({ sealed: tree.count });
    }
    const { count } = tree;
    const { schedule } = (await planSchedule(database, revision)) ?? {};
    const seal = computeSeal({
      revision: revision.hash,
      count,
      root: tree.root(),
      schedule: schedule && scheduleHash(schedule),
    });
    await storeSeal(database, revision, { seal, count, icu: process.versions.icu, schedule });
    return { seal, count, ...(schedule && { schedule }) };
  });
}
