import { type AssembledContent, assembleContent } from './assemble-content.js';
import type { CompiledPart, ReadInclude, SourceFile } from './content-source.js';
import { maskLiquid } from './masked-liquid.js';

import { checkMarkup, maxFaults } from './mjml-markup.js';

/**
 * MJML to HTML, with the Liquid left as it is, in text and in attributes.
 *
 * Not the same bytes each time: MJML gives some components random ids. Whoever needs the same HTML keeps it.
 */
export async function compileMjml(main: SourceFile, readInclude: ReadInclude | undefined): Promise<CompiledPart> {
  const document = await assembleContent(main, 'mjml', readInclude);
  if (document.faults.length) return { faults: document.faults };
  if (!document.text.trim()) return { faults: [{ file: main.name, line: 1, sentence: 'the file is empty' }] };
  const { faults, comments } = checkMarkup(document.text, (offset) => document.originOf(offset).line);
  if (faults.length) {
    return { faults: faults.map(({ offset, sentence }) => ({ ...document.originOf(offset), sentence })) };
  }
  // Notes to colleagues are no reader's business, and Liquid in them asks for nothing.
  const text = comments.reduce(
    (whole, { begin, end }) => whole.slice(0, begin) + whole.slice(begin, end).replace(/\S/g, ' ') + whole.slice(end),
    document.text,
  );
  return toHtml(main, document, text);
}

/** @param text - of the document, every place where it was, without comments */
async function toHtml(main: SourceFile, document: AssembledContent, text: string): Promise<CompiledPart> {
  // Heavy, and no part of what a worker does message by message.
  const { default: mjml2html } = await import('mjml');
  const liquid = maskLiquid(text);
  let result;
  try {
    // MJML would fetch its default fonts from a third party for every reader; who wants one names it with mj-font.
    result = await mjml2html(liquid.masked, {
      validationLevel: 'soft',
      ignoreIncludes: true,
      keepComments: false,
      fonts: {},
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { faults: [{ file: main.name, line: 1, sentence: `MJML cannot read this: ${why}` }] };
  }
  const faults = [
    ...result.errors.slice(0, maxFaults).map(({ line, tagName, message }) => ({
      ...document.originOf(liquid.placeOfLine(line)),
      sentence: liquid.unmask(`<${tagName}>: ${message}`),
    })),
    ...liquid
      .lostIn(result.html)
      .slice(0, maxFaults)
      .map(({ liquid: piece, offset }) => ({
        ...document.originOf(offset),
        sentence: `MJML would drop ${piece} from this place; put it in a component that shows it`,
      })),
  ];
  return faults.length ? { faults } : { text: liquid.unmask(withoutIndent(result.html)), files: document.files };
}

/** A third of what MJML writes is indentation, which every recipient would get. */
function withoutIndent(html: string): string {
  return /<(pre|textarea)\b/i.test(html) ? html : html.replace(/^[ \t]+/gm, '').replace(/\n{2,}/g, '\n');
}
