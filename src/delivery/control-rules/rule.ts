import type { Finding, FindingLevel } from '../finding.js';

/** What a rule found. */
export interface Found {
  place: string;
  sentence: string;
  /** What stands there in the content as its author wrote it: a variable's name or a link's URL. */
  quote?: string;
}

/** A finding that still knows what it is about, so that the line in the author's file can be told. */
export type QuotedFinding = Finding & { quote?: string };

/** The step of a delivery that a rule belongs to. */
export type RuleStep = 'parameters' | 'analysis';

export interface Rule<View> {
  /** Stable: it stands in stored findings, typologies and people's scripts. */
  id: string;
  level: FindingLevel;
  /** Why it matters, in a sentence or two; what to do stands in each finding. */
  explanation: string;
  /** What it finds makes sending unsafe: no typology switches it off or lowers it. */
  fixed?: true;
  /** Where the rule found something, with the sentence for the operator; nothing where all is well. */
  check: (view: View) => Found[];
}

/** A named set of changes to the rules. */
export interface Typology {
  levels: ReadonlyMap<string, FindingLevel>;
  off: ReadonlySet<string>;
}

export const unchanged: Typology = { levels: new Map(), off: new Set() };

/** @returns the level at which a rule counts; undefined where it is switched off */
export function levelIn(
  typology: Typology,
  { id, level }: { id: string; level: FindingLevel },
): FindingLevel | undefined {
  return typology.off.has(id) ? undefined : (typology.levels.get(id) ?? level);
}

/** More of one kind nobody reads at once. */
export const maxPerRule = 20;

/** @returns what the rules find, each at the level that is in force */
export function applyRules<View>(rules: readonly Rule<View>[], view: View, typology = unchanged): QuotedFinding[] {
  return rules.flatMap((rule) => {
    const level = levelIn(typology, rule);
    return level === undefined ? [] : rule.check(view).map((found) => ({ rule: rule.id, level, ...found }));
  });
}

/** A piece of content as a sentence quotes it. */
export function cut(text: string): string {
  // Half of a surrogate pair can be stored nowhere.
  return text.length > 100 ? `${text.slice(0, 99).toWellFormed()}…` : text;
}
