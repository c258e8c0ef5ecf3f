import type { Rule } from './control-rule.js';

/** A link that readers can follow, of one part. */
export interface ContentLink {
  part: 'html' | 'text';
  /** Line of the compiled part, from 1. */
  line: number;
  /** As it stands in the part, Liquid and all, but for HTML's entities. */
  url: string;
  /** The same with a word in place of each piece of Liquid. */
  judged: string;
  /** What comes out depends on the recipient from the first character on: scheme and host cannot be told. */
  variable: boolean;
  /** Where the URL's host holds Liquid. */
  variableHost: boolean;
  /** `data-label`, else the text of the link; empty where there is none, absent in the text part. */
  label?: string;
}

/** What the rules of links, images and sizes see of a revision. */
export interface ContentView {
  links: readonly ContentLink[];
  /** Sources of images without an `alt` attribute; an empty one says that the image is decoration. */
  imagesWithoutAlt: readonly string[];
  /** Sources of images that MJML brings, from servers of others. */
  defaultImages: readonly string[];
  /** Octets of the HTML before it is personalised; 0 where there is none. */
  htmlBytes: number;
  /** Characters of the subject without its Liquid. */
  subjectLength: number;
}

const maxSubject = 100;
/** Gmail shows no more of a message's HTML, and hides the rest with the unsubscription link behind "View entire message". */
const clippedFrom = 102 * 1024;
/** More of one kind nobody reads at once. */
const maxPerRule = 20;

/** What mail programs refuse to open, or what leads into the reader's own machine. */
const deadSchemes = new Set(['javascript:', 'vbscript:', 'data:', 'file:', 'ftp:', 'blob:', 'about:']);

/** A rule about each link; a URL that stands in both parts is told once. */
function linkRule(
  id: string,
  level: Rule<unknown>['level'],
  sentenceAbout: (link: ContentLink) => string | undefined,
): Rule<{ content: ContentView }> {
  return {
    id,
    level,
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

export const contentRules: readonly Rule<{ content: ContentView }>[] = [
  linkRule('link-scheme', 'error', ({ judged, variable }) =>
    !variable && deadSchemes.has(schemeOf(judged) ?? '')
      ? 'cannot be opened by any reader: use https:, mailto: or tel:.'
      : undefined,
  ),
  linkRule('link-malformed', 'warning', (link) =>
    isMalformed(link)
      ? 'leads nowhere from a mail: write the whole address, such as https://shop.example/page.'
      : undefined,
  ),
  linkRule('link-stray-characters', 'warning', ({ judged }) =>
    hasStray(judged)
      ? 'holds a space or an "&" that separates nothing: write %20 for a space, and "&" once between two parameters after the "?".'
      : undefined,
  ),
  linkRule('link-without-label', 'info', ({ label }) =>
    label === '' ? 'has no words: give it text, an image with alt, or data-label.' : undefined,
  ),
  {
    id: 'image-without-alt',
    level: 'warning',
    check: ({ content }) =>
      [...new Set(content.imagesWithoutAlt)].slice(0, maxPerRule).map((source) => ({
        place: 'html',
        sentence: `The image "${cut(source)}" says nothing to who cannot see it: give it alt (alt="" if it is decoration).`,
        quote: source,
      })),
  },
  {
    id: 'image-third-party-default',
    level: 'warning',
    check: ({ content }) =>
      [...new Set(content.defaultImages)].slice(0, maxPerRule).map((source) => ({
        place: 'html',
        sentence: `MJML's own image "${cut(source)}" is loaded from a third party by every reader: name one of yours (src, or icon-wrapped-url, icon-unwrapped-url, left-icon, right-icon).`,
        quote: source,
      })),
  },
  {
    id: 'html-clipped',
    level: 'warning',
    check: ({ content: { htmlBytes } }) =>
      htmlBytes > clippedFrom
        ? [
            {
              place: 'html',
              sentence: `The HTML has ${Math.ceil(htmlBytes / 1024)} KB, and Gmail cuts it off after 102 KB: shorten it.`,
            },
          ]
        : [],
  },
  {
    id: 'subject-long',
    level: 'warning',
    check: ({ content: { subjectLength } }) =>
      subjectLength > maxSubject
        ? [
            {
              place: 'subject',
              sentence: `The subject has ${subjectLength} characters, and lists of mails show far fewer: use at most ${maxSubject}.`,
            },
          ]
        : [],
  },
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

const cut = (text: string) => (text.length > 100 ? `${text.slice(0, 99)}…` : text);
