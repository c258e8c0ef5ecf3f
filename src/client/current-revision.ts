import type { Profile } from '../delivery/definition.js';
import { standingOf } from '../store/approval-rules.js';
import type { Queryable } from '../store/database.js';
import { listRevisions, type RevisionSummary } from '../store/deliveries.js';
import { emptyExclusions } from '../store/excluded-addresses.js';
import { readJournal } from '../store/journal.js';
import { originOf, type ProfileOrigin } from '../store/profile-origins.js';
import {
  profileFields,
  readRevision,
  storedExclusions,
  storedProfiles,
  type StoredRevision,
} from '../store/revisions.js';
import { DeliveryNotFoundError } from './errors.js';
import type { FileTarget } from './recipients-target.js';

/** The revision that a delivery's process has taken up last. */
export interface CurrentRevision {
  summary: RevisionSummary;
  stored: StoredRevision;
}

/** @throws DeliveryNotFoundError */
export async function currentRevision(database: Queryable, id: string): Promise<CurrentRevision> {
  const [latest, ...older] = await listRevisions(database, id);
  if (!latest) throw new DeliveryNotFoundError(id);
  const { current } = standingOf([latest, ...older], await readJournal(database, id));
  return { summary: current, stored: await readRevision(database, id, current.hash) };
}

/** The target of a revision, to be that of another one: rows, their sources, and whom those leave out. */
export async function keptTarget(
  database: Queryable,
  { summary, stored: { key } }: CurrentRevision,
): Promise<FileTarget> {
  const empty = await emptyExclusions(database, key);
  const excluded = [
    { name: 'the revision before', open: () => storedExclusions(database, key) },
    ...empty.map((name) => ({ name, open: nobody })),
  ];
  const leavesOut = empty.length > 0 || !(await storedExclusions(database, key).next()).done;
  return {
    open: () => placed(storedProfiles(database, key), summary.origins ?? []),
    fields: () => profileFields(database, key),
    queries: summary.queries,
    addressFields: ['email'],
    ...(leavesOut && { excluded }),
  };
}

async function* nobody(): AsyncGenerator<string> {}

async function* placed(profiles: AsyncIterable<Profile>, origins: readonly ProfileOrigin[]): AsyncGenerator<Profile> {
  for await (const profile of profiles) {
    const origin = originOf(origins, profile.row);
    yield origin ? { ...profile, origin } : profile;
  }
}
