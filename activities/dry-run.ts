import { setTimeout as delay } from 'node:timers/promises';
import type { DryRunCounts } from '../src/delivery/dry-run.js';
import { isRecipientFault } from '../src/mime/compile-revision.js';
import type { TrialResult } from '../src/smtp/transaction.js';
import {
  beginDryRun,
  dryRunCounts,
  recordTried,
  untriedRecipients,
  type DryRunKey,
  type TriedRecipient,
  type UntriedRecipient,
} from '../src/store/dry-run.js';
import type { Database } from '../src/store/database.js';
import type { RevisionRef } from '../src/store/revision-reader.js';
import type { Dependencies, Relay } from './dependencies.js';
import { RelayUnavailableError, RelayUnknownError, WorkerDrainingError } from './failures.js';
import { heartbeating } from './heartbeating.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/** Groups in a row of whom the relay may say nothing. */
const silencesTolerated = 5;

/** Between two looks for room where others send over the same relay. */
const noRoomMs = 100;

/**
 * Asks the relay about each recipient of the sealed target: MAIL and RCPT as when it is sent, then RSET. Nothing is
 * handed over. Each answer is written down at once, so an attempt goes on where the one before it died; to ask twice does
 * no harm.
 *
 * @returns recipients by what was said of them
 * @throws RelayUnavailableError where the relay answers nobody
 */
export async function dryRun(
  dependencies: Dependencies,
  revision: CompiledRevision,
  { deliveryId, number, seal }: RevisionRef & { number: number; seal: string },
): Promise<DryRunCounts> {
  const { database, relays } = dependencies;
  const relay = relays.get(revision.settings.relay);
  if (!relay) throw new RelayUnknownError();
  const key = { deliveryKey: revision.deliveryKey, number, seal };
  await heartbeating(async (beat) => {
    await beginDryRun(database, key);
    await tryAll(dependencies, { revision, relay, key, progress: (answered) => beat({ answered }) });
  });
  return await dryRunCounts(database, deliveryId);
}

interface Trial {
  revision: CompiledRevision;
  relay: Relay;
  key: DryRunKey;
  /** Throws when the activity has been cancelled. */
  progress: (answered: number) => void;
}

/** How far an attempt has come. */
interface Course {
  /** Everybody before this sequence number has an answer. */
  from: number;
  /** Recipients of whom the relay said something. */
  answered: number;
  /** Groups in a row of which it said nothing. */
  silences: number;
}

async function tryAll({ database, draining }: Dependencies, trial: Trial): Promise<void> {
  const { relay, key, progress, revision } = trial;
  const budget = relay.budget.of(revision.settings.sending.priority ?? 'normal');
  const course: Course = { from: 0, answered: 0, silences: 0 };
  for (;;) {
    progress(course.answered);
    if (draining.aborted) throw new WorkerDrainingError();
    const room = budget.reserve(0);
    try {
      const group = room > 0 ? await untriedRecipients(database, key, { from: course.from, limit: room }) : undefined;
      if (group?.length === 0) return;
      if (group) await tryGroup(database, trial, group, course);
    } finally {
      budget.release(room);
    }
    const pause = room === 0 ? noRoomMs : 1_000 * course.silences;
    if (pause > 0) await delay(pause, undefined, { signal: draining }).catch(() => undefined);
  }
}

async function tryGroup(
  database: Database,
  trial: Trial,
  group: readonly UntriedRecipient[],
  course: Course,
): Promise<void> {
  const tried = await Promise.all(group.map((recipient) => tryOne(trial, recipient)));
  const heard = tried.filter(({ unheard }) => !unheard);
  course.silences = heard.length > 0 ? 0 : course.silences + 1;
  const gaveUp = course.silences >= silencesTolerated;
  if (gaveUp && course.answered === 0) throw new RelayUnavailableError();
  // It has answered others: its silence is what it says of these, once.
  const told = gaveUp ? tried : heard;
  await recordTried(
    database,
    trial.key,
    told.map(({ result }) => result),
  );
  if (gaveUp) Object.assign(course, { answered: 0, silences: 0 });
  else course.answered += heard.length;
  const open = tried.find((one) => !told.includes(one));
  course.from = open ? open.result.seq : (tried.at(-1)?.result.seq ?? 0) + 1;
}

interface Tried {
  result: TriedRecipient;
  /** The relay said nothing of this recipient: it was away, or hung up. */
  unheard: boolean;
}

async function tryOne({ revision, relay }: Trial, recipient: UntriedRecipient): Promise<Tried> {
  const { seq, leftOut, address, fields } = recipient;
  if (leftOut !== null) return { result: { seq, outcome: 'ignored', reason: leftOut }, unheard: false };
  try {
    // Not spread: see `renderSealed`.
    const { envelope, bytes } = revision.render({ proof: 0, seq, address, fields, date: new Date(0) });
    const trial = await relay.pool.tryEnvelope(envelope, bytes);
    return { result: { seq, ...trial }, unheard: isUnheard(trial) };
  } catch (error) {
    if (!isRecipientFault(error)) throw error;
    const told = { reason: 'personalisation-failed', reply: error.message } as const;
    return { result: { seq, outcome: 'rejected', ...told }, unheard: false };
  }
}

/** A refusal of our sender is an answer, and one that the next recipient would get too; a farewell is none. */
function isUnheard(trial: TrialResult): boolean {
  return 'relayFault' in trial && !trial.answered;
}
