import type { Rule } from './control-rule.js';
import type { DeliverySettings } from './definition.js';
import { mayLinkToMirror } from './mirror-page.js';

/** What the rules of the message as a web page see of a revision. */
export interface MirrorView {
  settings: DeliverySettings;
  mirror: {
    /** Parts that hold `mirror_url`. */
    linkedFrom: readonly string[];
    /** Whether messages have an HTML part. */
    hasHtml: boolean;
  };
}

const quote = 'mirror_url';

export const mirrorRules: readonly Rule<MirrorView>[] = [
  {
    id: 'mirror-address-missing',
    level: 'error',
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
    check: ({ settings: { mirror }, mirror: { linkedFrom, hasHtml } }) => {
      if (hasHtml) return [];
      const sentence = 'The page shows the HTML, and there is none: it needs HTML content.';
      const wanted = mirror.mode === 'always' || mirror.mode === 'by-id';
      return [
        ...(wanted ? [{ place: 'mirror', sentence }] : []),
        ...linkedFrom.map((place) => ({ place, sentence, quote })),
      ];
    },
  },
];
