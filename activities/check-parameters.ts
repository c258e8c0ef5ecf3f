import { checkRevision } from '../src/checks/check-revision.js';
import { countFindings, type FindingCounts } from '../src/delivery/finding.js';
import type { RevisionTerms } from '../src/delivery/process.js';
import { profileFields } from '../src/store/revisions.js';
import { storeFindings } from '../src/store/findings.js';
import type { Dependencies } from './dependencies.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/** Step 1: checks every e-mail-specific setting of the revision; the findings are stored, and counted here. */
export async function checkParameters(
  { database, relays, dkimKeys }: Dependencies,
  revision: CompiledRevision,
): Promise<{ terms: RevisionTerms; findings: FindingCounts }> {
  const { settings } = revision;
  const findings = checkRevision(revision, {
    fields: await profileFields(database, revision.key),
    relays: [...relays.keys()],
    dkimKeys,
  });
  await storeFindings(database, revision.key, 'parameters', findings);
  const terms: RevisionTerms = {
    ...(settings.owner === undefined ? {} : { owner: settings.owner }),
    approval: settings.approval,
    sending: settings.sending,
    hasProofRecipients: settings.proofs.recipients.length > 0,
  };
  return { terms, findings: countFindings(findings) };
}
