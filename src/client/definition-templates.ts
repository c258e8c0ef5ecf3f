import { withoutBlocks } from '../content/content-blocks.js';
import { templateFault, templateVariables } from '../content/liquid.js';
import type { Content } from '../delivery/definition.js';
import { templateSettings } from '../delivery/template-settings.js';
import type { DefinitionFault } from './definition-faults.js';

/** Makes a fault at a setting. */
export type FaultAt = (path: PropertyKey[], sentence: string, atKey?: boolean) => DefinitionFault;

/** Faults of the templates among the settings; a wrong type is the schema's matter. */
export function templateFaults(settings: object, at: FaultAt): DefinitionFault[] {
  return templateSettings(settings).flatMap(({ path, template }) => {
    const fault = templateFault(template);
    return fault ? [at(path, fault.sentence)] : [];
  });
}

/**
 * The address is called `email` in templates, whatever its column is called: nobody would have a field of the column's
 * name, and so nobody would get a message.
 *
 * @param show - a content file's name as the caller would write it
 * @returns a fault for every file and setting that asks for the address by the column's name
 */
export function addressFieldFaults(
  { settings, content }: { settings: object; content: Content },
  addressField: string,
  at: FaultAt,
  show: (name: string) => string,
): DefinitionFault[] {
  if (addressField === 'email') return [];
  const sentence = `"${addressField}" is the column of the address, which is called "email" in templates: write {{ email }}`;
  const useIn = (template: string) => templateVariables(template).find(({ name }) => name === addressField);
  return [
    ...templateSettings(settings).flatMap(({ path, template }) => (useIn(template) ? [at(path, sentence)] : [])),
    ...Object.entries(content.sources).flatMap(([name, source]) => {
      const use = useIn(withoutBlocks(source));
      return use ? [{ file: show(name), line: use.line, field: 'content', sentence }] : [];
    }),
  ];
}
