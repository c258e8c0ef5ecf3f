import { checkRevision } from '../src/checks/check-revision.js';
import { countFindings, type FindingCounts } from '../src/delivery/finding.js';
import type { RevisionTerms } from '../src/delivery/process.js';
import { namedProfiles, profilesMissing, proofSize } from '../src/delivery/proof-settings.js';
import type { Database } from '../src/store/database.js';
import { emptyExclusions } from '../src/store/excluded-addresses.js';
import { chosenProfiles } from '../src/store/proofs.js';
import { profileFields } from '../src/store/revisions.js';
import { storeFindings } from '../src/store/findings.js';
import type { Dependencies } from './dependencies.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/** Step 1: checks every e-mail-specific setting of the revision; the findings are stored, and counted here. */
export async function checkParameters(
  { database, relays, dkimKeys, ruleConfig }: Dependencies,
  revision: CompiledRevision,
): Promise<{ terms: RevisionTerms; findings: FindingCounts }> {
  const { settings } = revision;
  const enhancedRelay = relays.get(settings.relay)?.enhanced;
  const findings = await checkRevision(revision, {
    fields: await profileFields(database, revision.key),
    missingProfiles: await missingProfiles(database, revision),
    emptyExclusions: await emptyExclusions(database, revision.key),
    relays: [...relays.keys()],
    ...(enhancedRelay && { enhancedRelay }),
    now: Date.now(),
    dkimKeys,
    config: ruleConfig,
  });
  await storeFindings(database, revision.key, 'parameters', findings);
  const terms: RevisionTerms = {
    ...(settings.owner === undefined ? {} : { owner: settings.owner }),
    approval: settings.approval,
    sending: settings.sending,
    ...(enhancedRelay && { enhancedRelay }),
    hasProofRecipients: proofSize(settings) > 0,
  };
  return { terms, findings: countFindings(findings) };
}

async function missingProfiles(database: Database, { key, settings }: CompiledRevision): Promise<string[]> {
  const named = namedProfiles(settings);
  return named ? profilesMissing(named, await chosenProfiles(database, key, named)) : [];
}
