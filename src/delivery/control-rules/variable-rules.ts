import { didYouMean } from '../nearest-name.js';
import type { Rule } from './rule.js';
import type { ParametersView } from './views.js';

type VariablesView = Pick<ParametersView, 'requiredVariables' | 'optionalVariables' | 'knownVariables'>;

function unknownFields(
  variables: ParametersView['requiredVariables'],
  known: ReadonlySet<string>,
  advice: string,
): { place: string; sentence: string; quote: string }[] {
  return Object.entries(variables).flatMap(([place, names = []]) =>
    names
      .filter((name) => !known.has(name))
      .map((name) => {
        const meant = didYouMean(name, [...known], '');
        const end = meant === '' ? '.' : `; ${meant}`;
        return { place, sentence: `No recipient has a field "${name}"${advice}${end}`, quote: name };
      }),
  );
}

export const variableRules: readonly Rule<VariablesView>[] = [
  {
    id: 'variable-unknown',
    level: 'warning',
    explanation: 'Who lacks a field that the content needs gets no message: a mistyped name leaves everybody out.',
    check: ({ requiredVariables, knownVariables }) =>
      unknownFields(requiredVariables, knownVariables, ': correct the name, or give it a default'),
  },
  {
    id: 'variable-never-there',
    level: 'info',
    explanation: 'A field that nobody has leaves the same default or the same side of a condition for all.',
    check: ({ optionalVariables, knownVariables }) =>
      unknownFields(
        optionalVariables,
        knownVariables,
        ', so all get what stands there without it: see that the name is right',
      ),
  },
];
