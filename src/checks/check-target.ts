import { typologyOf, type RuleConfig } from '../delivery/control-rules/config.js';
import { checkAnalysis } from '../delivery/control-rules/index.js';
import type { QuotedFinding } from '../delivery/control-rules/rule.js';
import type { AnalysisView } from '../delivery/control-rules/views.js';
import { ownFindings } from './own-rules.js';

/** Step 3 on an analysed target: our rules and the user's own. */
export async function checkTarget(
  view: Omit<AnalysisView, 'typologies'>,
  config: RuleConfig,
): Promise<QuotedFinding[]> {
  const typology = typologyOf(config, view.settings);
  const ours = checkAnalysis({ ...view, typologies: [...config.typologies.keys()] }, typology);
  return [...ours, ...(await ownFindings(config, 'analysis', typology, view))];
}
