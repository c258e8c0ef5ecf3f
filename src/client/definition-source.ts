import type { NewRevision } from '../store/revisions.js';
import { deliveryIdSchema } from '../delivery/definition.js';
import { DefinitionError } from './definition-faults.js';
import {
  parseDeliveryValues,
  readDefinitionFile,
  type DefinitionOptions,
  type DefinitionFile,
  type DeliveryValues,
} from './definition-file.js';

/** Path of a definition file or of its folder, or the definition's values as written in code. */
export type DefinitionSource = string | DeliveryValues;

/**
 * @param options - `id` and `recipients` stand in place of the definition's own; with `sameId` the definition must not
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
  const definition =
    typeof source === 'string'
      ? await readDefinitionFile(source, options)
      : await parseDeliveryValues(id.data === undefined ? source : { ...source, id: id.data });
  const stated = typeof source === 'string' ? definition.statedId : source.id;
  if (options.sameId && stated !== undefined && stated !== id.data) {
    throw new DefinitionError([{ field: 'id', sentence: `is "${stated}", and "${id.data}" is to be revised` }]);
  }
  return definition;
}

/** @returns what a definition's revision is made from */
export function partsOf({
  settings,
  content,
  recipients,
}: DefinitionFile): Pick<NewRevision, 'settings' | 'content' | 'profiles' | 'excluded' | 'queries'> {
  return {
    settings,
    content,
    profiles: recipients.open(),
    ...(recipients.excluded && { excluded: recipients.excluded }),
    queries: recipients.queries ?? [],
  };
}
