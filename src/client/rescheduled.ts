import { deliverySettingsSchema } from '../delivery/definition.js';
import type { Database } from '../store/database.js';
import { currentRevision, keptTarget } from './current-revision.js';
import { DefinitionError } from './definition-faults.js';
import type { RevisionParts } from './definition-source.js';
import { withSettings } from './definition-yaml.js';

/** Another contact date. */
export interface ContactDate {
  /** A local date and time without an offset, such as `2026-12-02T09:00`. */
  at: string;
  /** Of the IANA database. @default the one that the delivery has */
  timeZone?: string;
}

/**
 * What a revision is made from that differs from the current one in its contact date alone: no definition is read again.
 *
 * @throws DeliveryNotFoundError; DefinitionError where the date is none, or lacks its time zone
 */
export async function rescheduled(
  database: Database,
  id: string,
  { at, timeZone }: ContactDate,
): Promise<RevisionParts> {
  const current = await currentRevision(database, id);
  const { settings: stored, content, definition } = current.stored;
  const change = { at, ...(timeZone !== undefined && { timeZone }) };
  const sending = { ...stored.sending, ...change };
  const { data: settings, error } = deliverySettingsSchema.safeParse({ ...stored, sending });
  if (!settings)
    throw new DefinitionError(error.issues.map(({ path, message }) => ({ field: path.join('.'), sentence: message })));
  const { open, excluded, queries } = await keptTarget(database, current);
  const changed = definition === undefined ? {} : { definition: withSettings(definition, { sending: change }) };
  return { settings, content, profiles: open(), queries, ...(excluded && { excluded }), ...changed };
}
