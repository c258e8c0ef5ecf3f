import type { Finding } from '../delivery/finding.js';
import { inTransaction, type Database, type Queryable } from './database.js';

/** The step whose checks gave the findings. */
export type FindingStep = 'parameters' | 'analysis';

/**
 * Replaces the findings of one step of a revision. Those of an analysis are written only while the ledger holds it: rules
 * that end after it was stopped leave nothing behind.
 */
export async function storeFindings(
  database: Database,
  revisionKey: number,
  step: FindingStep,
  findings: readonly Finding[],
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const held = `select from delivery d join revision r on r.delivery = d.key
      where r.key = $1 and d.analysed_revision = r.key for share of d`;
    if (step === 'analysis' && (await tx.query(held, [revisionKey])).rowCount === 0) return;
    await tx.query('delete from finding where revision = $1 and step = $2', [revisionKey, step]);
    await tx.query(
      `insert into finding (revision, step, n, rule, level, sentence, place)
       select $1, $2, ordinality, f->>'rule', f->>'level', f->>'sentence', f->>'place'
       from jsonb_array_elements($3::jsonb) with ordinality as t(f, ordinality)`,
      [revisionKey, step, JSON.stringify(findings)],
    );
  });
}

/** All findings of a revision, the gravest first. */
export async function readFindings(database: Queryable, revisionKey: number): Promise<Finding[]> {
  const { rows } = await database.query<Finding>(
    `select rule, level, sentence, place from finding where revision = $1
     order by array_position(array['error', 'warning', 'info'], level), step desc, n`,
    [revisionKey],
  );
  return rows;
}
