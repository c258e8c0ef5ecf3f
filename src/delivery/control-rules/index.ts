import type { FindingLevel } from '../finding.js';
import { accessibilityRules } from './accessibility-rules.js';
import { approvalRules } from './approval-rules.js';
import { charsetRules } from './charset-rules.js';
import { exclusionSourceRules } from './exclusion-source-rules.js';
import { exclusionSwitchRules } from './exclusion-switch-rules.js';
import { formatRules } from './format-rules.js';
import { imageRules } from './image-rules.js';
import { japaneseMobileRules } from './japanese-mobile-rules.js';
import { linkRules } from './link-rules.js';
import { mirrorRules } from './mirror-rules.js';
import { placeholderRules } from './placeholder-rules.js';
import { proofRules } from './proof-rules.js';
import { applyRules, type QuotedFinding, type Rule, type RuleStep, type Typology } from './rule.js';
import { scheduleRules, timeZoneRules } from './schedule-rules.js';
import { senderRules } from './sender-rules.js';
import { filledSizeRules, sizeRules } from './size-rules.js';
import { subjectRules } from './subject-rules.js';
import { targetRules } from './target-rules.js';
import { typologyRules } from './typology-rules.js';
import { unsubscriptionRules } from './unsubscription-rules.js';
import { validityRules } from './validity-rules.js';
import { variableRules } from './variable-rules.js';
import type { AnalysisView, ParametersView } from './views.js';

const parameterRules: readonly Rule<ParametersView>[] = [
  ...typologyRules,
  ...approvalRules,
  ...subjectRules,
  ...senderRules,
  ...validityRules,
  ...exclusionSwitchRules,
  ...exclusionSourceRules,
  ...proofRules,
  ...unsubscriptionRules,
  ...formatRules,
  ...charsetRules,
  ...mirrorRules,
  ...variableRules,
  ...placeholderRules,
  ...linkRules,
  ...imageRules,
  ...sizeRules,
  ...accessibilityRules,
  ...timeZoneRules,
];

const analysisRules: readonly Rule<AnalysisView>[] = [
  ...targetRules,
  ...filledSizeRules,
  ...japaneseMobileRules,
  ...scheduleRules,
];

/** What is told of a rule. */
export interface RuleDescription {
  id: string;
  level: FindingLevel;
  step: RuleStep;
  explanation: string;
  /** No typology switches it off or lowers it. */
  fixed: boolean;
}

const describe =
  (step: RuleStep) =>
  ({ id, level, explanation, fixed }: Omit<Rule<never>, 'check'>): RuleDescription => ({
    id,
    level,
    step,
    explanation,
    fixed: fixed === true,
  });

/** All rules of ours, in the order in which they are applied. */
export const ruleDescriptions: readonly RuleDescription[] = [
  ...parameterRules.map(describe('parameters')),
  ...analysisRules.map(describe('analysis')),
];

/** Checks of step 1, on the revision alone. */
export function checkParameters(view: ParametersView, typology?: Typology): QuotedFinding[] {
  return applyRules(parameterRules, view, typology);
}

/** Checks of step 3, on the analysed target. */
export function checkAnalysis(view: AnalysisView, typology?: Typology): QuotedFinding[] {
  return applyRules([...typologyRules, ...analysisRules], view, typology);
}
