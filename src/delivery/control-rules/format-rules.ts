import type { Rule } from './rule.js';
import type { ParametersView } from './views.js';

type FormatView = Pick<ParametersView, 'settings' | 'content' | 'knownVariables' | 'writesInLocale'>;

export const formatRules: readonly Rule<FormatView>[] = [
  {
    id: 'format-without-html',
    level: 'warning',
    explanation: 'With format: recipient each recipient chooses, and there is only one format to choose.',
    check: ({ settings: { format }, content }) =>
      format === 'recipient' && content.htmlBytes === 0
        ? [
            {
              place: 'format',
              sentence: 'There is no HTML to choose: everybody gets text. Add HTML, or say format: text.',
            },
          ]
        : [],
  },
  {
    id: 'format-field-unknown',
    level: 'warning',
    explanation: 'Recipients who asked for text alone get HTML where the column with their wish is not found.',
    check: ({ settings: { format, formatField }, knownVariables }) =>
      format === 'recipient' && !knownVariables.has(formatField)
        ? [
            {
              place: 'formatField',
              sentence: `No recipient has a field "${formatField}", so nobody gets text alone: name the column as formatField.`,
            },
          ]
        : [],
  },
  {
    id: 'locale-field-unknown',
    level: 'warning',
    explanation:
      "Dates, numbers and prices are written for everybody in the delivery's language where the column is not found.",
    check: ({ settings: { localeField, locale }, knownVariables, writesInLocale }) =>
      // Who names no column means the delivery's language for all.
      writesInLocale && localeField !== 'locale' && !knownVariables.has(localeField)
        ? [
            {
              place: 'localeField',
              sentence: `No recipient has a field "${localeField}", so all get dates and numbers in ${locale}: name the column as localeField.`,
            },
          ]
        : [],
  },
  {
    id: 'text-empty',
    level: 'warning',
    explanation: 'Filters count a mail without a text part against its sender, and some programs show nothing else.',
    check: ({ content }) =>
      content.textHasWords
        ? []
        : [
            {
              place: 'text',
              sentence: 'The text part says nothing: write text into the HTML, or give the text a file of its own.',
            },
          ],
  },
];
