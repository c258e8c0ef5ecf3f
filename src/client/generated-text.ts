import { z } from 'zod';
import { DefinitionError, pathText } from './definition-faults.js';
import { contentByKind, contentOfFiles } from './definition-content.js';
import { openDefinition } from './definition-file.js';

const htmlSchema = z.object({ mjml: z.string().optional(), html: z.string().optional() });

/**
 * The text part that is made from a definition's HTML, Liquid in place, also where the definition names a text part. All
 * but its content may be unfinished.
 *
 * @param path - of a YAML file, or of a folder that holds `delivery.yaml`
 * @throws DefinitionError
 */
export async function generatedText(path: string): Promise<string> {
  const { folder, file, yaml } = await openDefinition(path);
  const { mjml, html } = htmlSchema.safeParse(contentByKind(yaml.values['content'])).data ?? {};
  const at = (where: PropertyKey[], sentence: string) => ({
    file,
    line: yaml.lineOf(where),
    field: pathText(where),
    sentence,
  });
  if (mjml === undefined && html === undefined)
    throw new DefinitionError([at(['content'], 'names neither mjml nor html, which the text is made from')]);
  const content = await contentOfFiles({ content: mjml === undefined ? { html } : { mjml } }, folder, at);
  if ('faults' in content) throw new DefinitionError(content.faults);
  return content.value.text;
}
