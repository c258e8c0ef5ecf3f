import { checkTarget } from '../src/checks/check-target.js';
import type { LargeHtml } from '../src/delivery/control-rules/views.js';
import { countFindings, type FindingCounts } from '../src/delivery/finding.js';
import { readFindings, storeFindings } from '../src/store/findings.js';
import { analysedOrigins, placeOf } from '../src/store/profile-origins.js';
import { summariseAnalysis } from '../src/store/target.js';
import type { Dependencies } from './dependencies.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/**
 * Checks of the analysed target.
 *
 * @param clipped - what `prepareBatch` found of this target
 * @returns counts of all findings of the revision, those of step 1 included
 */
export async function runControlRules(
  { database, ruleConfig }: Dependencies,
  revision: CompiledRevision,
  { deliveryId, clipped }: { deliveryId: string; clipped?: LargeHtml },
): Promise<FindingCounts> {
  const summary = await summariseAnalysis(database, deliveryId);
  const largest = clipped && { ...clipped, row: placeOf(await analysedOrigins(database, deliveryId), clipped.row) };
  const view = { settings: revision.settings, ...summary, ...(largest && { clipped: largest }) };
  const findings = await checkTarget(view, ruleConfig);
  await storeFindings(database, revision.key, 'analysis', findings);
  return countFindings(await readFindings(database, revision.key));
}
