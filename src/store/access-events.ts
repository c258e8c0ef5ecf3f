import type { Queryable } from './database.js';

export type AccessEventKind =
  | 'signed-in'
  | 'sign-in-failed'
  | 'locked'
  | 'signed-out'
  | 'session-ended'
  | 'invited'
  | 'password-set'
  | 'identity-bound'
  | 'token-made'
  | 'token-revoked';

/** One thing that happened at the door. */
export interface AccessEvent {
  n: number;
  /** ISO 8601. */
  at: string;
  /** Absent where the name was nobody's. */
  operator?: string;
  kind: AccessEventKind;
  /** Operator id of who did it, where that was somebody else. */
  by?: string;
  data: Record<string, unknown>;
}

export async function recordAccess(
  database: Queryable,
  event: { at: Date; kind: AccessEventKind; operator?: string; by?: string; data?: Record<string, unknown> },
): Promise<void> {
  await database.query('insert into access_event (at, operator, kind, by, data) values ($1, $2, $3, $4, $5)', [
    event.at,
    event.operator ?? null,
    event.kind,
    event.by ?? null,
    JSON.stringify(event.data ?? {}),
  ]);
}

/** What happened with one operator, the latest first. */
export async function accessEvents(database: Queryable, operator: string, limit: number): Promise<AccessEvent[]> {
  const { rows } = await database.query<
    Omit<AccessEvent, 'n' | 'at' | 'operator' | 'by'> & { n: string; at: Date; operator: string; by: string | null }
  >('select n, at, operator, kind, by, data from access_event where operator = $1 order by n desc limit $2', [
    operator,
    limit,
  ]);
  return rows.map(({ n, at, by, ...event }) => ({
    ...event,
    n: Number(n),
    at: at.toISOString(),
    ...(by !== null && { by }),
  }));
}
