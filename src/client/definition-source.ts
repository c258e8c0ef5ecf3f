import { deliveryIdSchema } from '../delivery/definition.js';
import { DefinitionError } from './definition-faults.js';
import {
  parseDeliveryValues,
  readDefinitionFile,
  type DefinitionFile,
  type DeliveryValues,
} from './definition-file.js';

/** Path of a definition file or of its folder, or the definition's values as written in code. */
export type DefinitionSource = string | DeliveryValues;

/**
 * @param options - `id` stands in place of the definition's own
 * @throws DefinitionError with all faults at once
 */
export async function readDefinition(source: DefinitionSource, options: { id?: string }): Promise<DefinitionFile> {
  const id = deliveryIdSchema.optional().safeParse(options.id);
  if (!id.success) {
    const sentence = id.error.issues.map(({ message }) => message.replace(/^id /, '')).join('; ');
    throw new DefinitionError([{ field: 'id', sentence }]);
  }
  if (typeof source === 'string') return await readDefinitionFile(source, id.data);
  return await parseDeliveryValues(id.data === undefined ? source : { ...source, id: id.data });
}
