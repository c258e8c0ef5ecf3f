import { mayLinkToMirror } from '../mirror-page.js';
import type { Rule } from './rule.js';
import type { ParametersView } from './views.js';

const quote = 'mirror_url';

export const mirrorRules: readonly Rule<Pick<ParametersView, 'settings' | 'mirror'>>[] = [
  {
    id: 'mirror-address-missing',
    level: 'error',
    fixed: true,
    explanation:
      "The link to the page is part of the content, and without the web server's address no message can be made.",
    check: ({ settings: { mirror }, mirror: { linkedFrom } }) =>
      mirror.hosted === undefined && mayLinkToMirror(mirror)
        ? linkedFrom.map((place) => ({
            place,
            sentence: '{{ mirror_url }} leads nowhere: name the address of the web server as mirror.hosted.',
            quote,
          }))
        : [],
  },
  {
    id: 'mirror-link-forbidden',
    level: 'error',
    fixed: true,
    explanation: 'A delivery whose pages must not be linked to has no address to fill in, and no message can be made.',
    check: ({ settings: { mirror }, mirror: { linkedFrom } }) =>
      mayLinkToMirror(mirror)
        ? []
        : linkedFrom.map((place) => ({
            place,
            sentence: `With mirror.mode ${mirror.mode} no message may link to its page: take {{ mirror_url }} out, or set mirror.mode to auto.`,
            quote,
          })),
  },
  {
    id: 'mirror-without-html',
    level: 'error',
    fixed: true,
    explanation: 'The page of a message is its HTML: without that there is nothing to show.',
    check: ({ settings: { mirror }, mirror: { linkedFrom, hasHtml } }) => {
      if (hasHtml) return [];
      const sentence = 'The page shows the HTML, and there is none: add HTML content, or';
      const wanted = mirror.mode === 'always' || mirror.mode === 'by-id';
      return [
        ...(wanted ? [{ place: 'mirror.mode', sentence: `${sentence} set mirror.mode to auto.` }] : []),
        ...linkedFrom.map((place) => ({ place, sentence: `${sentence} take {{ mirror_url }} out.`, quote })),
      ];
    },
  },
];
