import { deliverySettingsSchema } from '../delivery/definition.js';
import type { Profile } from '../delivery/definition.js';
import { standingOf } from '../store/approval-rules.js';
import type { Database } from '../store/database.js';
import { listRevisions } from '../store/deliveries.js';
import { emptyExclusions } from '../store/excluded-addresses.js';
import { readJournal } from '../store/journal.js';
import { originOf, type ProfileOrigin } from '../store/profile-origins.js';
import { readRevision, storedExclusions, storedProfiles, type NewRevision } from '../store/revisions.js';
import { DefinitionError } from './definition-faults.js';
import { DeliveryNotFoundError } from './errors.js';

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
): Promise<Pick<NewRevision, 'settings' | 'content' | 'profiles' | 'excluded' | 'queries'>> {
  const [latest, ...older] = await listRevisions(database, id);
  if (!latest) throw new DeliveryNotFoundError(id);
  const { current } = standingOf([latest, ...older], await readJournal(database, id));
  const { key, settings: stored, content } = await readRevision(database, id, current.hash);
  const sending = { ...stored.sending, at, ...(timeZone !== undefined && { timeZone }) };
  const { data: settings, error } = deliverySettingsSchema.safeParse({ ...stored, sending });
  if (!settings)
    throw new DefinitionError(error.issues.map(({ path, message }) => ({ field: path.join('.'), sentence: message })));
  const empty = await emptyExclusions(database, key);
  const excluded = [
    { name: 'the revision before', open: () => storedExclusions(database, key) },
    ...empty.map((name) => ({ name, open: nobody })),
  ];
  const leavesOut = empty.length > 0 || !(await storedExclusions(database, key).next()).done;
  const profiles = placed(storedProfiles(database, key), current.origins ?? []);
  return { settings, content, profiles, queries: current.queries, ...(leavesOut && { excluded }) };
}

async function* nobody(): AsyncGenerator<string> {}

async function* placed(profiles: AsyncIterable<Profile>, origins: readonly ProfileOrigin[]): AsyncGenerator<Profile> {
  for await (const profile of profiles) {
    const origin = originOf(origins, profile.row);
    yield origin ? { ...profile, origin } : profile;
  }
}
