import type { Content } from '../delivery/definition.js';
import { assembleContent } from './assemble-content.js';
import { compileMjml } from './compile-mjml.js';
import type { ContentKind } from './content-blocks.js';
import type { CompiledPart, ContentFault, ContentSource, ReadInclude, SourceFile } from './content-source.js';
import { templateFault } from './liquid.js';
import { textFromHtml } from './text-from-html.js';

/** Content that is ready to be personalised, or all that is wrong with it. */
export type CompiledContent = { content: Content } | { faults: ContentFault[] };

/**
 * Makes a revision's content from what its author wrote: blocks are put in place, MJML becomes HTML, and where no text
 * part is given one is made from the HTML. Everything in it is a Liquid template that parses.
 *
 * @param readInclude - called for every `mj-include` and block; absent for content given in code, which has no files
 */
export async function compileContent(source: ContentSource, readInclude?: ReadInclude): Promise<CompiledContent> {
  const html = await compileHtml(source, readInclude);
  const text = source.text && (await compilePlain(source.text, 'text', readInclude));
  if ((html && 'faults' in html) || (text && 'faults' in text))
    return { faults: [html, text].flatMap((part) => (part && 'faults' in part ? part.faults : [])) };
  const files = [...(html?.files ?? []), ...(text?.files ?? [])];
  const sources = Object.fromEntries(files.map((file) => [file.name, file.text]));
  const plain = text?.text ?? (await textFromHtml(html?.text ?? ''));
  return { content: { ...(html && { html: html.text }), text: plain, sources } };
}

async function compileHtml(source: ContentSource, readInclude?: ReadInclude): Promise<CompiledPart | undefined> {
  if ('html' in source) return await compilePlain(source.html, 'html', readInclude);
  if (!('mjml' in source)) return undefined;
  const compiled = await compileMjml(source.mjml, readInclude);
  // Two files that are whole for themselves can still make one that is not, by the order in which MJML puts them.
  const fault = 'text' in compiled ? templateFault(compiled.text) : undefined;
  return fault
    ? { faults: [{ file: source.mjml.name, line: 1, sentence: `after MJML, ${fault.sentence}` }] }
    : compiled;
}

/** A part that is written as it is sent, but for its blocks. */
async function compilePlain(main: SourceFile, kind: ContentKind, readInclude?: ReadInclude): Promise<CompiledPart> {
  if (!main.text.trim()) return { faults: [{ file: main.name, line: 1, sentence: 'the file is empty' }] };
  const document = await assembleContent(main, kind, readInclude);
  const { text, files, faults } = document;
  if (faults.length) return { faults };
  const fault = files.length > 1 ? templateFault(text) : undefined;
  if (!fault) return { text, files };
  const before = text.split('\n').slice(0, fault.line - 1);
  const offset = before.reduce((sum, line) => sum + line.length + 1, 0);
  return { faults: [{ ...document.originOf(offset), sentence: fault.sentence }] };
}
