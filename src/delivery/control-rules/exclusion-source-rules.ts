import type { Rule } from './rule.js';
import type { ParametersView } from './views.js';

export const exclusionSourceRules: readonly Rule<Pick<ParametersView, 'emptyExclusions'>>[] = [
  {
    id: 'exclusion-empty',
    level: 'warning',
    explanation: 'A list of people who want nothing that came out empty leaves nobody out, and they get the message.',
    check: ({ emptyExclusions = [] }) =>
      emptyExclusions.map((name) => ({
        place: 'recipients',
        sentence: `The source "${name}" is to leave people out and has no rows: see that it is the right one and whole, or take it out.`,
      })),
  },
];
