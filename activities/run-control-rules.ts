import { checkAnalysis } from '../src/delivery/control-rules.js';
import { countFindings, type FindingCounts } from '../src/delivery/finding.js';
import { readFindings, storeFindings } from '../src/store/findings.js';
import { summariseAnalysis } from '../src/store/target.js';
import type { Dependencies } from './dependencies.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/** Checks of the analysed target. @returns counts of all findings of the revision, those of step 1 included */
export async function runControlRules(
  { database }: Dependencies,
  revision: CompiledRevision,
  deliveryId: string,
): Promise<FindingCounts> {
  const findings = checkAnalysis({
    settings: revision.settings,
    ...(await summariseAnalysis(database, deliveryId)),
  });
  await storeFindings(database, revision.key, 'analysis', findings);
  return countFindings(await readFindings(database, revision.key));
}
