import type { Database, Queryable } from './database.js';
import { inTransaction } from './database.js';

/** One run of one workflow of a delivery. */
export interface StoredHistory {
  workflowId: string;
  runId: string;
  /** ISO 8601. */
  startedAt: string;
  /** In Temporal's JSON form: `{ "events": [...] }`, as its own tools read and replay it. */
  history: { events: Record<string, unknown>[] };
}

/** Stores runs; one that is there already is replaced by what it has become. */
export async function storeHistories(
  database: Database,
  deliveryId: string,
  histories: readonly StoredHistory[],
): Promise<void> {
  await inTransaction(database, async (tx) => {
    for (const { workflowId, runId, startedAt, history } of histories) {
      await tx.query(
        `insert into history (delivery, workflow_id, run_id, started_at, events)
         select key, $2, $3, $4, $5 from delivery where id = $1
         on conflict (delivery, workflow_id, run_id) do update set events = excluded.events`,
        [deliveryId, workflowId, runId, startedAt, JSON.stringify(history)],
      );
    }
  });
}

/** Stored runs of a delivery in the order in which they started, one at a time: a run may have some 50 MB. */
export async function* historyRuns(database: Queryable, deliveryId: string): AsyncGenerator<StoredHistory> {
  const { rows: keys } = await database.query<{ key: number; workflowId: string; runId: string }>(
    `select d.key, h.workflow_id as "workflowId", h.run_id as "runId"
     from history h join delivery d on d.key = h.delivery where d.id = $1 order by h.started_at, h.workflow_id`,
    [deliveryId],
  );
  for (const { key, workflowId, runId } of keys) {
    const { rows } = await database.query<{ startedAt: Date; history: StoredHistory['history'] }>(
      `select started_at as "startedAt", events as history from history
       where delivery = $1 and workflow_id = $2 and run_id = $3`,
      [key, workflowId, runId],
    );
    for (const row of rows) yield { workflowId, runId, ...row, startedAt: row.startedAt.toISOString() };
  }
}
