import type { Finding, FindingLevel } from './finding.js';

/** What a rule found. */
interface Found {
  place: string;
  sentence: string;
  /** What stands there in the content as its author wrote it: a variable's name or a link's URL. */
  quote?: string;
}

/** A finding that still knows what it is about, so that the line in the author's file can be told. */
export type QuotedFinding = Finding & { quote?: string };

export interface Rule<View> {
  id: string;
  level: FindingLevel;
  /** Where the rule found something, with the sentence for the operator; nothing where all is well. */
  check: (view: View) => Found[];
}

export function applyRules<View>(rules: readonly Rule<View>[], view: View): QuotedFinding[] {
  return rules.flatMap(({ id, level, check }) => check(view).map((found) => ({ rule: id, level, ...found })));
}
