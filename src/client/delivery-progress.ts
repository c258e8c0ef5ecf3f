import { stillOpen, type StatusCounts } from '../delivery/message-status.js';
import { isFinal, type Phase } from '../delivery/phase.js';
import type { Queryable } from '../store/database.js';
import { findDelivery } from '../store/deliveries.js';
import { countPrepared } from '../store/preparation.js';
import { countStatuses } from '../store/progress.js';
import { DeliveryNotFoundError } from './errors.js';

export interface DeliveryProgress {
  phase: Phase;
  /** Nothing more will happen. */
  ended: boolean;
  /** Messages of the main target by status, without its seeds. */
  counts: StatusCounts;
  /** Messages that were not excluded in the analysis or at their claim. */
  total: number;
  /** Those of them that have a final status. */
  settled: number;
  /** While the target is analysed: how many of its messages are made or left out, of how many. */
  analysis?: { prepared: number; total: number };
}

/** @throws DeliveryNotFoundError */
export async function progressOf(database: Queryable, id: string): Promise<DeliveryProgress> {
  const summary = await findDelivery(database, id);
  if (!summary) throw new DeliveryNotFoundError(id);
  const counts = await countStatuses(database, id);
  const { ignored = 0 } = counts;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0) - ignored;
  const analysis = summary.phase === 'analysing' ? await countPrepared(database, id) : undefined;
  return {
    ...(analysis && { analysis }),
    phase: summary.phase,
    ended: isFinal(summary.phase),
    counts,
    total,
    settled: total - stillOpen(counts),
  };
}
