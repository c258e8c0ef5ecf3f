import { characterNames } from '../charset.js';
import type { DeliverySettings } from '../definition.js';
import type { Rule } from './rule.js';

/** What is the same in every message and cannot be written in the delivery's character encoding, by part or setting. */
export type CharsetView = readonly {
  place: string;
  /** At least one. */
  characters: readonly string[];
  /** Of the text part: it has no file of its own. */
  isFromHtml?: boolean;
}[];

export const charsetRules: readonly Rule<{ charset: CharsetView; settings: DeliverySettings }>[] = [
  {
    id: 'charset-unfit',
    level: 'error',
    fixed: true,
    explanation: 'What an encoding does not have would reach readers as a "?", or as another character.',
    check: ({ charset, settings }) =>
      charset.map(({ place, characters: [first = '', ...others], isFromHtml = false }) => ({
        place,
        sentence: `${characterNames([first, ...others])} cannot be written in ${settings.charset}: ${charsetRemedy(place, first, isFromHtml)}, or set charset to utf-8.`,
        quote: first,
      })),
  },
];

/** What to do about a character that cannot be written at a place. */
export function charsetRemedy(place: string, character: string, isFromHtml: boolean): string {
  if (place === 'html') return `write another character or a reference such as &#${character.codePointAt(0) ?? 0};`;
  return isFromHtml
    ? 'write another character in the HTML, for a reference becomes the character in the text, or give the text a file of its own'
    : 'write another character';
}
