import { Parser } from 'htmlparser2';
import type { ContentLink, ContentView } from '../delivery/control-rules/views.js';
import { maskLiquid } from './masked-liquid.js';

/** What `maskLiquid` writes for tags and for outputs. */
export const maskWord = /LqMarkX*[TO]\d+E/g;
const leadingMask = /^LqMarkX*[TO]\d+E/;

/** What mj-accordion, mj-carousel and mj-social-element show where their icons are not named. */
const mjmlDefault =
  /^https:\/\/(?:i\.imgur\.com\/(?:bIXv1bk|w4uTygT|xTh3hln|os7o9kz)\.png$|www\.mailjet\.com\/images\/theme\/)/;

/** The links of an HTML part in order, its images that have no `alt`, and those that MJML brings. */
export function htmlLinks(html: string): Pick<ContentView, 'imagesWithoutAlt' | 'defaultImages'> & {
  links: ContentLink[];
} {
  const { masked, unmask } = maskLiquid(html);
  const links: ContentLink[] = [];
  const imagesWithoutAlt: string[] = [];
  const defaultImages: string[] = [];
  const lineAt = lineCounter(html, masked, unmask);
  let unnamed: { link: ContentLink; words: string[] } | undefined;
  const name = (text: string) => {
    unnamed?.words.push(text);
  };
  const close = () => {
    if (unnamed) unnamed.link.label = unmask(unnamed.words.join(' ')).replace(/\s+/g, ' ').trim();
    unnamed = undefined;
  };
  const parser = new Parser({
    onopentag(tag, attributes) {
      const { href, alt, src } = attributes;
      if (tag === 'img' && mjmlDefault.test(src ?? '')) defaultImages.push(src ?? '');
      if (tag === 'img' && alt === undefined) imagesWithoutAlt.push(unmask(src ?? ''));
      else if (tag === 'img') name(alt ?? '');
      if ((tag !== 'a' && tag !== 'area') || href === undefined) return;
      const stated = attributes['data-label'] ?? attributes['aria-label'] ?? (tag === 'area' ? alt : undefined);
      const link = linkOf('html', lineAt(parser.startIndex), href.trim(), unmask);
      link.label = unmask(stated ?? '').trim();
      links.push(link);
      if (tag !== 'a') return;
      close();
      if (link.label === '') unnamed = { link, words: [] };
    },
    ontext: name,
    onclosetag(tag) {
      if (tag === 'a') close();
    },
  });
  parser.end(masked);
  return { links, imagesWithoutAlt, defaultImages };
}

const writtenUrl = /(?:\b(?:https?|ftp|file|javascript|mailto|tel):|\bwww\.)[^\s<>"]+|LqMarkX*O\d+E/gi;
/** Variables that hold a URL by their name. */
const urlVariable = /^\{\{-?\s*(?:\w+\.)*(?:\w+_)?url\b/;

/** The links of a text part in order, as mail programs make them of what stands there. */
export function textLinks(text: string): ContentLink[] {
  const { masked, unmask } = maskLiquid(text);
  const lineAt = lineCounter(text, masked, unmask);
  return [...masked.matchAll(writtenUrl)].flatMap((match) => {
    const url = withoutSentenceEnd(match[0]);
    if (leadingMask.test(url) && !urlVariable.test(unmask(url))) return [];
    return [linkOf('text', lineAt(match.index), url, unmask)];
  });
}

/** What ends a sentence or a bracket is no part of the URL. */
function withoutSentenceEnd(url: string): string {
  let end = url.length;
  while (end > 0 && ".,;:!?)]'*".includes(url.charAt(end - 1))) end -= 1;
  return url.slice(0, end);
}

function linkOf(
  part: ContentLink['part'],
  line: number,
  judged: string,
  unmask: (text: string) => string,
): ContentLink {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(judged)?.[1] ?? '';
  return {
    part,
    line,
    url: unmask(judged),
    judged,
    variable: leadingMask.test(judged),
    variableHost: authority.search(maskWord) >= 0,
  };
}

/** @returns the line of the template, from 1, of a place in what it was masked to; places are asked for in order */
function lineCounter(template: string, masked: string, unmask: (text: string) => string): (place: number) => number {
  // Liquid with line breaks in it is rare, and without any the lines are the same.
  const same = template.split('\n').length === masked.split('\n').length;
  let line = 1;
  let counted = 0;
  return (place) => {
    const piece = masked.slice(counted, place);
    line += (same ? piece : unmask(piece)).split('\n').length - 1;
    counted = place;
    return line;
  };
}
