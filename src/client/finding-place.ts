import { templateVariables } from '../content/liquid.js';
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
  for (const [name, source] of quote ? Object.entries(content.sources) : []) {
    const line = lineOfQuote(source, quote ?? '');
    if (line !== undefined) return { file: origin.show(name), line };
  }
  return { file: origin.file, line: origin.lineOf(['content']) };
}

function pathOf(place: string): PropertyKey[] {
  return place.split(/[.[\]]+/).flatMap((key) => (key === '' ? [] : [/^\d+$/.test(key) ? Number(key) : key]));
}

function lineOfQuote(source: string, quote: string): number | undefined {
  const variable = templateVariables(source).find(({ name }) => name === quote);
  if (variable) return variable.line;
  const found = [quote, quote.replaceAll('&', '&amp;')].map((text) => source.indexOf(text)).find((at) => at >= 0);
  return found === undefined ? undefined : source.slice(0, found).split('\n').length;
}
