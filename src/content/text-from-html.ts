import type { DomNode, HtmlToTextOptions } from 'html-to-text';
import { maskLiquid, tagLine } from './masked-liquid.js';

const options: HtmlToTextOptions = {
  wordwrap: 78,
  // No newsletter nests so deep, and the stack has an end.
  limits: { maxDepth: 500 },
  selectors: [
    { selector: 'img', format: 'skip' },
    // The preheader: mail programs show it in the list of mails; a text part begins with its own first line anyway.
    { selector: 'div[style*="display:none"]', format: 'skip' },
    { selector: 'a', options: { linkBrackets: ['(', ')'], hideLinkHrefIfSameAsText: true } },
    // Capitals would change the Liquid in headings, and shout.
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'ul', options: { itemPrefix: '- ' } },
    { selector: 'tr', format: 'row' },
    { selector: 'td', format: 'cell' },
    { selector: 'th', format: 'cell' },
  ],
  formatters: {
    row: (element, walk, builder) => {
      if (!isInDataTable(element)) return walk(element.children, builder);
      builder.openBlock({ leadingLineBreaks: 1 });
      walk(element.children, builder);
      builder.closeBlock({ trailingLineBreaks: 1 });
    },
    /** Cells of a row stand beside each other, and not in each other. */
    cell: (element, walk, builder) => {
      walk(element.children, builder);
      if (isInDataTable(element)) builder.addInline(' ');
    },
  },
};

/** Tables that only give a page its form say so; all of MJML's own do. */
function isInDataTable(element: DomNode): boolean {
  let table: DomNode | null | undefined = element.parent;
  while (table && table.name !== 'table') table = table.parent;
  return table !== null && table !== undefined && table.attribs?.['role'] !== 'presentation';
}

/**
 * The text part of a mail that has HTML alone. Links stand as `label (url)`; the Liquid is that of the HTML.
 *
 * @param html - HTML with Liquid that parses
 */
export async function textFromHtml(html: string): Promise<string> {
  const { convert } = await import('html-to-text');
  const { masked, unmask } = maskLiquid(html);
  const text = convert(masked, options)
    // A tag alone on its line would leave an empty paragraph behind.
    .replace(tagLine, '$1')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return `${unmask(text)}\n`;
}
