import { refuseRelease } from '../src/audit/refuse-release.js';
import { countFindings } from '../src/delivery/finding.js';
import { listRevisions } from '../src/store/deliveries.js';
import { readFindings } from '../src/store/findings.js';
import { readChainedJournal } from '../src/store/journal.js';
import { listOperators, operatorEvents } from '../src/store/operators.js';
import { approveSeal } from '../src/store/preparation.js';
import type { RevisionRef } from '../src/store/revision-reader.js';
import type { Dependencies } from './dependencies.js';
import { SealMismatchError } from './failures.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/**
 * Records the approved seal, without which nothing is claimed, once the journal's own decisions allow it: who can run a
 * workflow can call this, and say what they like.
 *
 * @returns why it is refused, in words that may stand in history
 */
export async function confirmDelivery(
  { database }: Dependencies,
  revision: CompiledRevision,
  { deliveryId, seal }: RevisionRef & { seal: string },
): Promise<{ refused?: string }> {
  const revisions = await listRevisions(database, deliveryId);
  const findings = await readFindings(database, revision.key);
  const refused = await refuseRelease(
    {
      deliveryId,
      revision: revision.hash,
      seal,
      count: revisions.find(({ hash }) => hash === revision.hash)?.sealedCount ?? null,
      findings: countFindings(findings),
    },
    {
      revisions: revisions.map(({ hash, settings }) => ({ hash, settings: { ...settings } })),
      findings: findings.map(({ level }) => ({ revision: revision.hash, level, count: 1 })),
      journal: await readChainedJournal(database, deliveryId),
      operators: await listOperators(database),
      operatorEvents: await operatorEvents(database),
    },
  );
  if (refused !== undefined) return { refused };
  if (!(await approveSeal(database, revision, seal))) throw new SealMismatchError();
  return {};
}
