import type { Content } from '../delivery/definition.js';
import { compileMjml } from './compile-mjml.js';
import type { ContentFault, ContentSource, ReadInclude, SourceFile } from './content-source.js';
import { templateFault } from './liquid.js';
import { textFromHtml } from './text-from-html.js';

/** Content that is ready to be personalised, or all that is wrong with it. */
export type CompiledContent = { content: Content } | { faults: ContentFault[] };

/**
 * Makes a revision's content from what its author wrote: MJML becomes HTML, and where no text part is given one is made
 * from the HTML. Everything in it is a Liquid template that parses.
 *
 * @param readInclude - called for every `mj-include`, wherever it stands
 */
export async function compileContent(source: ContentSource, readInclude: ReadInclude): Promise<CompiledContent> {
  const text = source.text;
  const textFaults = text ? faultsOf(text) : [];
  if (!('mjml' in source || 'html' in source)) {
    return textFaults.length
      ? { faults: textFaults }
      : { content: contentOf(undefined, source.text.text, [source.text]) };
  }
  const compiled = 'mjml' in source ? await compileMjml(source.mjml, readInclude) : htmlOf(source.html);
  const faults = [...('faults' in compiled ? compiled.faults : []), ...textFaults];
  if ('faults' in compiled || faults.length) return { faults };
  const { html, files } = compiled;
  // Two files that are whole for themselves can still make one that is not, by the order in which MJML puts them.
  const [main] = files;
  const whole = templateFault(html);
  if (whole && main) return { faults: [{ file: main.name, line: 1, sentence: `after MJML, ${whole.sentence}` }] };
  return { content: contentOf(html, text?.text ?? (await textFromHtml(html)), text ? [...files, text] : files) };
}

function htmlOf(file: SourceFile): { html: string; files: SourceFile[] } | { faults: ContentFault[] } {
  const faults = faultsOf(file);
  return faults.length ? { faults } : { html: file.text, files: [file] };
}

function faultsOf(file: SourceFile): ContentFault[] {
  if (!file.text.trim()) return [{ file: file.name, line: 1, sentence: 'the file is empty' }];
  const fault = templateFault(file.text);
  return fault ? [{ file: file.name, ...fault }] : [];
}

function contentOf(html: string | undefined, text: string, files: SourceFile[]): Content {
  const sources = Object.fromEntries(files.map((file) => [file.name, file.text]));
  return { ...(html === undefined ? {} : { html }), text, sources };
}
