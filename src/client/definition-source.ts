import { types } from 'node:util';
import type { NewRevision } from '../store/revisions.js';
import { deliveryIdSchema } from '../delivery/definition.js';
import { DefinitionError } from './definition-faults.js';
import type { DefinitionFiles } from './definition-files.js';
import {
  parseDeliveryValues,
  readDefinitionFile,
  type DefinitionOptions,
  type DefinitionFile,
  type DeliveryValues,
} from './definition-file.js';

/** Path of a definition file or of its folder, its files in memory, or the definition's values as written in code. */
export type DefinitionSource = string | DefinitionFiles | DeliveryValues;

/**
 * @param options - `id`, `recipients` and `target` stand in place of the definition's own; with `sameId` the definition must not
 *   state another id
 * @throws DefinitionError with all faults at once
 */
export async function readDefinition(
  source: DefinitionSource,
  options: DefinitionOptions & { sameId?: boolean },
): Promise<DefinitionFile> {
  const id = deliveryIdSchema.optional().safeParse(options.id);
  if (!id.success) {
    const sentence = id.error.issues.map(({ message }) => message.replace(/^id /, '')).join('; ');
    throw new DefinitionError([{ field: 'id', sentence }]);
  }
  const definition = isInFiles(source)
    ? await readDefinitionFile(source, options)
    : await parseDeliveryValues(id.data === undefined ? source : { ...source, id: id.data });
  const stated = isInFiles(source) ? definition.statedId : source.id;
  if (options.sameId && stated !== undefined && stated !== id.data) {
    throw new DefinitionError([{ field: 'id', sentence: `is "${stated}", and "${id.data}" is to be revised` }]);
  }
  return definition;
}

/** What a revision is made from, beside who submits it. */
export type RevisionParts = Pick<
  NewRevision,
  'settings' | 'content' | 'profiles' | 'excluded' | 'queries' | 'definition'
>;

/** A Map, for values from elsewhere may have a setting that they call so. Not `instanceof`: tests run in realms of their own. */
const isInFiles = (source: DefinitionSource): source is string | DefinitionFiles =>
  typeof source === 'string' || ('files' in source && types.isMap(source.files));

/** @returns what a definition's revision is made from */
export function partsOf({ settings, content, recipients, origin }: DefinitionFile): RevisionParts {
  return {
    settings,
    content,
    profiles: recipients.open(),
    ...(recipients.excluded && { excluded: recipients.excluded }),
    queries: recipients.queries ?? [],
    ...(origin && { definition: origin.text }),
  };
}
