import { checkRevision } from '../src/checks/check-revision.js';
import { rulesInForce, whyUnproven, type ApprovalRules } from '../src/delivery/approval-policy.js';
import type { AuthorView } from '../src/delivery/control-rules/views.js';
import { countFindings, type FindingCounts } from '../src/delivery/finding.js';
import type { RevisionTerms, Submission } from '../src/delivery/process.js';
import { namedProfiles, profilesMissing, proofSize } from '../src/delivery/proof-settings.js';
import type { Database } from '../src/store/database.js';
import { emptyExclusions } from '../src/store/excluded-addresses.js';
import { chosenProfiles } from '../src/store/proofs.js';
import { profileFields } from '../src/store/revisions.js';
import { storeFindings } from '../src/store/findings.js';
import type { RevisionRef } from '../src/store/revision-reader.js';
import type { Dependencies } from './dependencies.js';
import type { CompiledRevision } from './read-compiled-revision.js';
import { checkSignature } from './verify-signatures.js';

/** A revision, by whom it came, and the rules that the delivery was started under. */
export type CheckedSubmission = RevisionRef & Submission & { rules: ApprovalRules };

/**
 * Step 1: checks every e-mail-specific setting of the revision, and whether its author has signed for it; the findings are
 * stored, and counted here.
 */
export async function checkParameters(
  { database, relays, dkimKeys, ruleConfig }: Dependencies,
  revision: CompiledRevision,
  submission: CheckedSubmission,
): Promise<{ terms: RevisionTerms; findings: FindingCounts }> {
  const { settings } = revision;
  const enhancedRelay = relays.get(settings.relay)?.enhanced;
  const author = await authorOf(database, revision, submission);
  const findings = await checkRevision(revision, {
    author,
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
    ...(author.signed && { authorSigned: true }),
  };
  return { terms, findings: countFindings(findings) };
}

async function authorOf(
  database: Database,
  { hash, settings }: CompiledRevision,
  { deliveryId, author, signature, submitted = 0, rules }: CheckedSubmission,
): Promise<AuthorView> {
  const inForce = rulesInForce(rules, { owner: settings.owner ?? rules.owner, settings: settings.approval });
  const demanded = whyUnproven({ rules: inForce }) !== undefined;
  if (signature === undefined) return { operator: author, demanded, signed: false };
  const given = { deliveryId, operator: author, signature, received: submitted, at: Date.now() };
  const subject = { delivery: deliveryId, revision: hash, author };
  // Killed behind it, the next attempt finds its own number again.
  const { reason: fault } = await checkSignature(database, 'submission', given, subject);
  return { operator: author, demanded, signed: fault === undefined, ...(fault !== undefined && { fault }) };
}

async function missingProfiles(database: Database, { key, settings }: CompiledRevision): Promise<string[]> {
  const named = namedProfiles(settings);
  return named ? profilesMissing(named, await chosenProfiles(database, key, named)) : [];
}
