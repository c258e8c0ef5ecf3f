import type { Phase } from '../delivery/phase.js';
import type { Queryable } from './database.js';

/** Whether a pause or a stop of a delivery that was sending holds: nothing of it is under way, and nothing leaves. */
export interface Stillness {
  phase: Phase;
  /** ISO 8601: since when nothing is under way. Absent while something is, and where nothing has begun. */
  since?: string;
  /** ISO 8601, of the last message that left before. */
  lastSentAt?: string;
}

/** By the journal's last word on it. @returns nothing for an unknown delivery, and before it has begun */
export async function readStillness(database: Queryable, deliveryId: string): Promise<Stillness | undefined> {
  const { rows } = await database.query<{ kind: string; at: Date; phase: Phase; lastSentAt: string | null }>(
    `select j.kind, j.at, p.data ->> 'phase' as phase, j.data ->> 'lastSentAt' as "lastSentAt"
     from delivery d
     join lateral (
       select * from journal where delivery = d.key and kind = 'phase' order by n desc limit 1
     ) p on true
     join lateral (
       select * from journal where delivery = d.key and n >= p.n and kind in ('phase', 'sending-paused') order by n desc limit 1
     ) j on true
     where d.id = $1`,
    [deliveryId],
  );
  const row = rows[0];
  if (!row) return undefined;
  const holds = row.kind === 'sending-paused' || row.phase === 'stopped';
  return {
    phase: row.phase,
    ...(holds && { since: row.at.toISOString() }),
    ...(row.lastSentAt !== null && { lastSentAt: row.lastSentAt }),
  };
}
