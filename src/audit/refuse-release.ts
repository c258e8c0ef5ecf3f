import { canonicalJson } from '../delivery/canonical-json.js';
import { demandsSignatures } from '../delivery/approval-settings.js';
import type { FindingCounts } from '../delivery/finding.js';
import { replayApproval, type StoredRevisions } from './checks/approval-replay.js';
import { faultsOfClaims } from './checks/claim-checks.js';
import { faultsOfAuthor } from './checks/signature-checks.js';
import { judgeSignatures } from './checks/signature-judgement.js';
import type { ChainedEntry } from './journal-chain.js';

/** What is asked to be let go. */
export interface Release {
  deliveryId: string;
  /** Hash of the revision. */
  revision: string;
  seal: string;
  /** Messages under the seal, as the ledger has them; null where the ledger has no seal. */
  count: number | null;
  /** Of the revision, as they are stored. */
  findings: FindingCounts;
}

/** All that it is judged by. */
export type ReleaseRecord = StoredRevisions & {
  journal: readonly ChainedEntry[];
  operators: Parameters<typeof judgeSignatures>[2]['operators'];
  operatorEvents: Parameters<typeof faultsOfClaims>[1];
};

/**
 * Judges by the record alone whether messages may leave: whoever can give commands to a worker can make up everything else.
 * Where decisions need no signature, the record proves no more than what the process says, and nothing is judged.
 *
 * @returns why not, in words
 */
export async function refuseRelease(asked: Release, record: ReleaseRecord): Promise<string | undefined> {
  const { deliveryId, revision, seal } = asked;
  const { journal, operatorEvents } = record;
  const signatures = await judgeSignatures(deliveryId, journal, record);
  const { faults, pending } = replayApproval(journal, record, signatures.proven);
  if (!pending || pending.seal !== seal || pending.revision !== revision)
    return 'the journal tells of no such seal that is to be decided on';
  if (!demandsSignatures(pending.rules)) return undefined;
  const told = { count: pending.count, findings: pending.findings };
  if (canonicalJson(told) !== canonicalJson({ count: asked.count, findings: asked.findings }))
    return 'the journal tells of other findings or of another number of messages than the ledger has';
  const [first] = [
    ...faultsOfAuthor(signatures, pending.submission),
    ...signatures.reviews.faults,
    ...signatures.decisions.faults,
    ...faultsOfClaims(journal, operatorEvents, pending.submission),
    ...faults,
  ];
  if (first !== undefined) return first;
  return pending.confirmed ? undefined : "the journal's decisions do not satisfy the approval rules";
}
