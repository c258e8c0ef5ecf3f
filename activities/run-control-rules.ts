import { checkTarget } from '../src/checks/check-target.js';
import { japaneseMobilesView } from '../src/checks/japanese-mobiles-view.js';
import { countFindings, type FindingCounts } from '../src/delivery/finding.js';
import type { LargePart, LargeParts } from '../src/delivery/large-parts.js';
import { readFindings, storeFindings } from '../src/store/findings.js';
import { analysedOrigins, placeOf } from '../src/store/profile-origins.js';
import { planSchedule } from '../src/store/schedule.js';
import { countMobileRecipients } from '../src/store/mobile-recipients.js';
import { summariseAnalysis } from '../src/store/target.js';
import type { Dependencies } from './dependencies.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/**
 * Checks of the analysed target.
 *
 * @param found.clipped - and `oversized`: what `prepareBatch` found of this target
 * @returns counts of all findings of the revision, those of step 1 included
 */
export async function runControlRules(
  { database, ruleConfig }: Dependencies,
  revision: CompiledRevision,
  { deliveryId, clipped, oversized = [] }: { deliveryId: string } & LargeParts,
): Promise<FindingCounts> {
  const summary = await summariseAnalysis(database, deliveryId);
  const origins = await analysedOrigins(database, deliveryId);
  const placed = <Part extends LargePart>(part: Part) => ({ ...part, row: placeOf(origins, part.row) });
  const planned = await planSchedule(database, revision);
  const view = {
    settings: revision.settings,
    ...summary,
    ...(clipped && { clipped: placed(clipped) }),
    ...(planned && {
      schedule: { planned: planned.schedule, unknownZones: planned.unknownZones, now: Date.now() },
    }),
    ...japaneseMobilesView(revision, {
      recipients: await countMobileRecipients(database, revision),
      oversized: oversized.map((part) => placed(part)),
    }),
  };
  const findings = await checkTarget(view, ruleConfig);
  await storeFindings(database, revision.key, 'analysis', findings);
  return countFindings(await readFindings(database, revision.key));
}
