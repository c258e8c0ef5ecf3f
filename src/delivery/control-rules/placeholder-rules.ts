import { linkRule } from './link-rules.js';
import { cut, maxPerRule, type Rule } from './rule.js';
import type { ContentView } from './views.js';

/** What people write to be replaced before sending, and what other systems' merge fields look like. */
const placeholders: readonly RegExp[] = [
  /\blorem ipsum\b/gi,
  /\b(?:TODO|FIXME|TBD|TBC)\b/g,
  /\bxxx+\b/gi,
  /\binsert (?:[\p{L}\p{N}'’_-]+ ){1,6}here\b/giu,
  /\byour (?:text|headline|title|name|logo|company) here\b/gi,
  /\[[\p{Lu}][\p{Lu}\p{N}_ -]{1,39}\]/gu,
  /\*\|[A-Z0-9_:]{1,40}\|\*/gi,
  /%%[A-Za-z0-9_ ]{1,40}%%/g,
];

const isSampleHost = (hostname: string): boolean => /(?:^|\.)example\.(?:com|org|net)$/.test(hostname);

export const placeholderRules: readonly Rule<{ content: ContentView }>[] = [
  {
    id: 'placeholder-text',
    level: 'warning',
    explanation: 'What was to be replaced before sending is read by everybody.',
    check: ({ content: { headings, bodies } }) =>
      [...headings, ...bodies]
        .flatMap(({ place, written }) => {
          const found = placeholders.flatMap((one) => written.match(one) ?? []);
          return [...new Set(found)].map((quote) => ({
            place,
            sentence: `"${cut(quote)}" looks like a placeholder: write what belongs there.`,
            quote,
          }));
        })
        .slice(0, maxPerRule),
  },
  linkRule(
    {
      id: 'placeholder-link',
      level: 'warning',
      explanation:
        'The domains example.com, example.org and example.net belong to nobody (RFC 2606): a link to them was never filled in.',
    },
    ({ judged, variable }) =>
      !variable && URL.canParse(judged) && isSampleHost(new URL(judged).hostname)
        ? 'leads to a domain that is for examples alone: write the right address.'
        : undefined,
  ),
];
