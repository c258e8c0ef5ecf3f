/** How grave a finding is, the gravest first; an `error` makes confirmation unavailable. */
export const findingLevels = ['error', 'warning', 'info'] as const;
export type FindingLevel = (typeof findingLevels)[number];

/** The result of one check, as an operator reads it. */
export interface Finding {
  /** Stable id of the rule, e.g. `subject-empty`. */
  rule: string;
  level: FindingLevel;
  /** One sentence: what is wrong and what to do. */
  sentence: string;
  /** Where: a field of the definition (`sender.address`), a part (`html`) or a recipients' row. */
  place: string;
}

/** Findings by level. This much may enter workflow history; the sentences may not, for they can quote content. */
export interface FindingCounts {
  info: number;
  warning: number;
  error: number;
}

export function countFindings(findings: readonly { level: FindingLevel }[]): FindingCounts {
  const counts: FindingCounts = { info: 0, warning: 0, error: 0 };
  for (const finding of findings) counts[finding.level] += 1;
  return counts;
}
