import type { Untold } from '../src/delivery/process-requests.js';
import { holdMail } from '../src/notice/hold-mail.js';
import { listOperators } from '../src/store/operators.js';
import type { Dependencies } from './dependencies.js';
import { mailOperators, personOf } from './mail-operators.js';
import type { CompiledRevision } from './read-compiled-revision.js';

export interface HoldNoticeInput {
  deliveryId: string;
  /** Operators by id. */
  operators: readonly string[];
  /** How often it has paused by itself. */
  number: number;
  /** Milliseconds since the epoch. */
  at: number;
  why: string;
}

/** What came of it. */
export interface HoldNoticeResult {
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
  { settings }: CompiledRevision,
  { deliveryId, operators, number, at, why }: HoldNoticeInput,
): Promise<HoldNoticeResult> {
  const { notices, log, database } = dependencies;
  if (!notices) {
    log.warn({ delivery: deliveryId }, 'nobody is told that it has paused: SEALPOST_NOTICE_FROM is not set');
    return { counts: {}, untold: 'no-sender' };
  }
  const known = await listOperators(database);
  const people = operators.map((id) => personOf(known, id));
  const mail = holdMail({ delivery: deliveryId, name: settings.name, why, consoleUrl: notices.consoleUrl });
  const named = { delivery: deliveryId, reason: 'held', number };
  const counts = await mailOperators(dependencies, notices, people, { mail, at, named, relay: settings.relay });
  log.info({ delivery: deliveryId, ...counts }, 'people were told that it has paused by itself');
  return { counts };
}
