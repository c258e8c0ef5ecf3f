import { cut, maxPerRule, type Rule } from './rule.js';
import type { ContentLink, ContentView } from './views.js';

/** What mail programs refuse to open, or what leads into the reader's own machine. */
const deadSchemes = new Set(['javascript:', 'vbscript:', 'data:', 'file:', 'ftp:', 'blob:', 'about:']);

/** A rule about each link; a URL that stands in both parts is told once. */
export function linkRule(
  rule: Omit<Rule<unknown>, 'check'>,
  sentenceAbout: (link: ContentLink) => string | undefined,
): Rule<{ content: ContentView }> {
  return {
    ...rule,
    check: ({ content }) => {
      const found = new Map<string, { place: string; sentence: string; quote: string }>();
      for (const link of content.links) {
        const sentence = sentenceAbout(link);
        if (sentence === undefined || found.has(link.url)) continue;
        found.set(link.url, { place: link.part, sentence: `The link "${cut(link.url)}" ${sentence}`, quote: link.url });
        if (found.size === maxPerRule) break;
      }
      return [...found.values()];
    },
  };
}

export const linkRules: readonly Rule<{ content: ContentView }>[] = [
  linkRule(
    {
      id: 'link-scheme',
      level: 'error',
      fixed: true,
      explanation:
        'Mail programs open no scripts, files or embedded data, and filters refuse messages that hold such links.',
    },
    ({ judged, variable }) =>
      !variable && deadSchemes.has(schemeOf(judged) ?? '')
        ? 'cannot be opened by any reader: use https:, mailto: or tel:.'
        : undefined,
  ),
  linkRule(
    {
      id: 'link-malformed',
      level: 'warning',
      explanation:
        'A mail is no page that an address could be relative to: without scheme and host a link leads nowhere.',
    },
    (link) =>
      isMalformed(link)
        ? 'leads nowhere from a mail: write the whole address, such as https://shop.example/page.'
        : undefined,
  ),
  linkRule(
    {
      id: 'link-insecure',
      level: 'warning',
      explanation:
        'What is opened under http: can be read and changed on its way; browsers warn, and filters count it against a mail.',
    },
    ({ judged, variable }) =>
      !variable && /^http:\/\//i.test(judged) ? 'is not encrypted: write https:// in place of http://.' : undefined,
  ),
  linkRule(
    {
      id: 'link-stray-characters',
      level: 'warning',
      explanation: 'Mail programs end a link at a space, and servers lose what stands behind an "&" in a wrong place.',
    },
    ({ judged }) =>
      hasStray(judged)
        ? 'holds a space or an "&" that separates nothing: write %20 for a space, and "&" once between two parameters after the "?".'
        : undefined,
  ),
  linkRule(
    {
      id: 'link-without-label',
      level: 'info',
      explanation: 'Who listens to a mail hears the words of its links, and reports of clicks name links by them.',
    },
    ({ label }) => (label === '' ? 'has no words: give it text, an image with alt, or data-label.' : undefined),
  ),
];

// The parser takes line breaks and tabs out first, as readers' programs do: "java\nscript:" is no way around.
const schemeOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).protocol : undefined);

function isMalformed({ judged, variable, variableHost }: ContentLink): boolean {
  if (variable || judged.startsWith('#')) return false;
  if (!URL.canParse(judged)) return !variableHost;
  const { protocol, hostname } = new URL(judged);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  // "https:page" is relative to the page that it stands on, and a mail is no page.
  return !/^https?:\/\//i.test(judged) || (!variableHost && !/[.:]/.test(hostname));
}

function hasStray(url: string): boolean {
  if (/\s/.test(url)) return true;
  const [beforeFragment = ''] = url.split('#');
  if (!/^https?:/i.test(url)) return false;
  const query = beforeFragment.indexOf('?');
  const inPath = query < 0 ? beforeFragment : beforeFragment.slice(0, query);
  // An "&" in the path alone is one that a "?" is missing before; with a query it is a character like others.
  return (query < 0 && /&[^/]*=/.test(inPath)) || /&amp;|&&|\?&|&$/.test(beforeFragment);
}
