import type { Untold } from '../src/delivery/process-requests.js';
import type { FinalPhase } from '../src/delivery/phase.js';
import { endMail } from '../src/notice/end-mail.js';
import { holdMail } from '../src/notice/hold-mail.js';
import type { MailText } from '../src/notice/mail-text.js';
import { listOperators } from '../src/store/operators.js';
import { countStatuses } from '../src/store/progress.js';
import type { RevisionRef } from '../src/store/revision-reader.js';
import type { Dependencies } from './dependencies.js';
import { mailOperators, personOf } from './mail-operators.js';
import type { CompiledRevision } from './read-compiled-revision.js';

interface NoticeInput {
  deliveryId: string;
  /** By id. */
  operators: readonly string[];
  /** When what is told has happened, milliseconds since the epoch. */
  at: number;
}

export interface HoldNoticeInput extends NoticeInput {
  /** How often it has paused by itself. */
  number: number;
  why: string;
}

export interface EndNoticeInput extends NoticeInput, RevisionRef {
  outcome: FinalPhase;
  /** Why, where the outcome is `failed`. */
  reason?: string;
}

/** What came of it. */
export interface NoticeResult {
  /** People by what became of their mail: `told`, `without-address`, `refused`. */
  counts: Record<string, number>;
  untold?: Untold;
}

/**
 * Tells operators by e-mail that a delivery has paused by itself.
 *
 * @throws as `mailOperators`
 */
export async function tellHold(
  dependencies: Dependencies,
  revision: CompiledRevision,
  { number, why, ...input }: HoldNoticeInput,
): Promise<NoticeResult> {
  return await tell(dependencies, revision, input, {
    named: { reason: 'held', number },
    mailOf: async (known) => holdMail({ ...known, why }),
  });
}

/**
 * Tells operators by e-mail that a delivery has ended, and what became of its messages by now.
 *
 * @throws as `mailOperators`
 */
export async function tellEnd(
  dependencies: Dependencies,
  revision: CompiledRevision,
  { outcome, reason, ...input }: EndNoticeInput,
): Promise<NoticeResult> {
  return await tell(dependencies, revision, input, {
    named: { reason: 'ended', number: 1 },
    mailOf: async (known) => {
      const counts = await countStatuses(dependencies.database, input.deliveryId);
      return endMail({ ...known, outcome, counts, ...(reason !== undefined && { reason }) });
    },
  });
}

interface Notice {
  named: { reason: string; number: number };
  mailOf: (known: { delivery: string; name: string; consoleUrl: string | undefined }) => Promise<MailText>;
}

async function tell(
  dependencies: Dependencies,
  { settings: { name, relay } }: CompiledRevision,
  { deliveryId: delivery, operators, at }: NoticeInput,
  { named, mailOf }: Notice,
): Promise<NoticeResult> {
  const { notices, log, database } = dependencies;
  const what = { delivery, reason: named.reason };
  if (!notices) {
    log.warn(what, 'nobody is told of it: SEALPOST_NOTICE_FROM is not set');
    return { counts: {}, untold: 'no-sender' };
  }
  const known = await listOperators(database);
  const people = operators.map((id) => personOf(known, id));
  const mail = await mailOf({ delivery, name, consoleUrl: notices.consoleUrl });
  const counts = await mailOperators(dependencies, notices, people, { mail, at, named: { delivery, ...named }, relay });
  log.info({ ...what, ...counts }, 'people were told of it');
  return { counts };
}
