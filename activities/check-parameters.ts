import { givenVariables, variablesByPart } from '../src/content/personalise.js';
import { parseAddress } from '../src/delivery/address.js';
import { checkParameters as applyRules } from '../src/delivery/control-rules.js';
import { countFindings, type FindingCounts } from '../src/delivery/finding.js';
import type { RevisionTerms } from '../src/delivery/process.js';
import { profileFields } from '../src/store/revisions.js';
import { signingKeys } from '../src/mime/dkim-key.js';
import { storeFindings } from '../src/store/findings.js';
import type { Dependencies } from './dependencies.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/** Step 1: checks every e-mail-specific setting of the revision; the findings are stored, and counted here. */
export async function checkParameters(
  { database, relays, dkimKeys }: Dependencies,
  revision: CompiledRevision,
): Promise<{ terms: RevisionTerms; findings: FindingCounts }> {
  const { settings } = revision;
  const required = Object.entries(variablesByPart(settings, revision.content)).map(
    ([part, variables]) => [part, variables.filter((one) => one.required).map((one) => one.name)] as const,
  );
  const findings = applyRules({
    settings,
    requiredVariables: Object.fromEntries(required),
    knownVariables: new Set([...givenVariables, ...(await profileFields(database, revision.key))]),
    relays: [...relays.keys()],
    dkimDomains: [...new Set(dkimKeys.map(({ domain }) => domain))],
    isSigned: (address) => signingKeys(dkimKeys, parseAddress(address)?.address.split('@').at(-1) ?? '').length > 0,
    isAddress: (address) => parseAddress(address) !== undefined,
    isSender: (address) => parseAddress(address)?.smtpUtf8 === false,
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
