import { blockTags, shippedNameOf, withoutBlocks } from '../content/content-blocks.js';
import { lineAt } from '../content/line-at.js';
import { templateVariables } from '../content/liquid.js';
import type { Content } from '../delivery/definition.js';
import type { DefinitionFile } from './definition-file.js';

/**
 * Where in the author's files a finding stands.
 *
 * @param place - a setting's path such as `proofs.recipients[0]`, or a part: `html`, `text`
 * @param quote - what the author wrote there: a variable's name, or a piece of the content
 * @returns nothing for a definition given in code; without what was quoted, the line that names the content
 */
export function locate(
  { origin, content }: DefinitionFile,
  place: string,
  quote?: string,
): { file?: string; line?: number } {
  if (!origin) return {};
  if (place !== 'html' && place !== 'text') return { file: origin.file, line: origin.lineOf(pathOf(place)) };
  const sources = quote ? Object.entries(content.sources) : [];
  // The text part's own files stand behind those of the HTML.
  for (const [name, source] of place === 'text' ? sources.toReversed() : sources) {
    const line = lineOfQuote(source, quote ?? '');
    if (line === undefined) continue;
    const shipped = shippedNameOf(name);
    if (shipped === undefined) return { file: origin.show(name), line };
    const asking = askingFor(shipped, content.sources);
    if (asking) return { ...asking, file: origin.show(asking.file) };
  }
  return { file: origin.file, line: origin.lineOf(['content']) };
}

/** Where the first file that uses a block of ours names it. */
function askingFor(block: string, sources: Content['sources']): { file: string; line: number } | undefined {
  for (const [file, source] of Object.entries(sources)) {
    const tag = blockTags(source).find(({ asked }) => 'name' in asked && asked.name === block);
    if (tag) return { file, line: lineAt(source, tag.begin) };
  }
  return undefined;
}

function pathOf(place: string): PropertyKey[] {
  return place.split(/[.[\]]+/).flatMap((key) => (key === '' ? [] : [/^\d+$/.test(key) ? Number(key) : key]));
}

function lineOfQuote(source: string, quote: string): number | undefined {
  const variable = templateVariables(withoutBlocks(source)).find(({ name }) => name === quote);
  if (variable) return variable.line;
  const found = [quote, quote.replaceAll('&', '&amp;')].map((text) => source.indexOf(text)).find((at) => at >= 0);
  return found === undefined ? undefined : lineAt(source, found);
}
