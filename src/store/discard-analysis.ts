import { inTransaction, type Database } from './database.js';
import { forgetSeal } from './preparation.js';

/**
 * Takes back all that an analysis has written, in one transaction: messages, dry run, seal and findings; also those of the revision
 * before, where this one's target had not come in yet. What has begun to be sent is not touched.
 */
export async function discardAnalysis(
  database: Database,
  revision: { key: number; deliveryKey: number },
): Promise<void> {
  await inTransaction(database, async (tx) => {
    // Who prepares a batch of it looks here first, and writes nothing more.
    const { rowCount } = await tx.query(
      `update delivery set analysed_revision = null, approved_seal = null
       where key = $1 and not exists (select from batch where delivery = $1 and proof = 0)`,
      [revision.deliveryKey],
    );
    if (!rowCount) return;
    await forgetSeal(tx, revision);
    await tx.query('delete from message where delivery = $1 and proof = 0', [revision.deliveryKey]);
    await tx.query(`delete from finding where revision = $1 and step = 'analysis'`, [revision.key]);
  });
}
