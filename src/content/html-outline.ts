import { Parser } from 'htmlparser2';
import type { HtmlOutline } from '../delivery/control-rules/views.js';
import { maskLiquid } from './masked-liquid.js';

/** What these hold is read by programs. */
const unseen = new Set(['style', 'script', 'title', 'noscript', 'template']);
/** These stand in a line of text; others end one. */
const inline = new Set(['a', 'b', 'strong', 'i', 'em', 'u', 's', 'span', 'font', 'small', 'big', 'sub', 'sup', 'code']);

/**
 * @param html - HTML with Liquid that parses
 * @returns how it is built, and what its readers see: a line for each piece, with words in place of Liquid
 */
export function htmlOutline(html: string): { outline: HtmlOutline; seen: string } {
  const headings: number[] = [];
  const tables: { marked: boolean }[] = [];
  const texts: string[] = [];
  let lang: string | undefined;
  let unmarkedTables = 0;
  const tags = new Set<string>();
  let images = 0;
  let linkedImages = 0;
  let hidden = 0;
  const parser = new Parser({
    onopentag(tag, attributes) {
      tags.add(tag);
      if (unseen.has(tag)) hidden += 1;
      if (!inline.has(tag)) texts.push('\n');
      if (tag === 'html') lang = (attributes['lang'] ?? '').trim();
      if (tag === 'img') images += 1;
      if (tag === 'img' && !/^\s*(?:cid:|$)/i.test(attributes['src'] ?? '')) linkedImages += 1;
      if (/^h[1-6]$/.test(tag)) headings.push(Number(tag[1]));
      if (tag === 'table') tables.push({ marked: attributes['role'] !== undefined });
      const around = tables.at(-1);
      if (around && (tag === 'th' || tag === 'caption')) around.marked = true;
    },
    ontext(text) {
      if (hidden === 0) texts.push(text);
    },
    onclosetag(tag) {
      if (unseen.has(tag)) hidden -= 1;
      if (tag === 'table' && tables.pop()?.marked === false) unmarkedTables += 1;
    },
  });
  parser.end(maskLiquid(html).masked);
  const seen = texts.join('');
  const letters = seen.replace(/\s+/g, '').length;
  const outline = { headings, unmarkedTables, images, linkedImages, tags: [...tags], letters };
  return { outline: { ...outline, ...(lang !== undefined && { lang }) }, seen };
}
