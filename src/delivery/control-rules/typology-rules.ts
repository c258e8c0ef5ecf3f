import { didYouMean } from '../nearest-name.js';
import type { Rule } from './rule.js';
import type { ParametersView } from './views.js';

export const typologyRules: readonly Rule<Pick<ParametersView, 'settings' | 'typologies'>>[] = [
  {
    id: 'typology-unknown',
    level: 'error',
    fixed: true,
    explanation:
      'Without its typology a delivery would be judged by other levels than its author chose. The analysis asks again.',
    check: ({ settings: { typology }, typologies }) => {
      if (typology === undefined || !typologies || typologies.includes(typology)) return [];
      const advice = didYouMean(typology, typologies, `use one of ${typologies.join(', ') || '(none)'}, or define it.`);
      return [{ place: 'typology', sentence: `The configuration has no typology "${typology}": ${advice}` }];
    },
  },
];
