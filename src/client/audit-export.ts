import { bundleParts } from '../audit/export-bundle.js';
import { makeMessageProof, NoProofError } from '../audit/make-message-proof.js';
import { signedProof } from '../audit/message-proof.js';
import type { SystemKey } from '../audit/system-key.js';
import { writeBundle } from '../audit/write-bundle.js';
import { inTransaction, type Database, type Transaction } from '../store/database.js';
import type { StoredHistory } from '../store/histories.js';
import { DeliveryNotFoundError, SealpostError } from './errors.js';
import { packageVersion } from './package-file.js';

export interface AuditBundleOptions {
  /** The key that signs. */
  key: SystemKey;
  /** Without recipients' addresses, salts and operators' names. @default false */
  pseudonymise?: boolean;
}

/**
 * @param runsOf - histories of the delivery's workflows
 * @param write - gets the file's lines in order
 * @throws DeliveryNotFoundError
 */
export async function writeAuditBundle(
  database: Database,
  deliveryId: string,
  { key, pseudonymise = false }: AuditBundleOptions,
  runsOf: (tx: Transaction) => AsyncIterable<StoredHistory>,
  write: (line: string) => Promise<void>,
): Promise<void> {
  await atOneInstant(database, async (tx) => {
    const parts = await bundleParts({ database: tx, deliveryId, runs: runsOf(tx), pseudonymise });
    if (!parts) throw new DeliveryNotFoundError(deliveryId);
    const about = { delivery: deliveryId, pseudonymised: pseudonymise, ...thisExport() };
    for await (const line of writeBundle(parts, about, key)) await write(line);
  });
}

/** @throws DeliveryNotFoundError; SealpostError `NO_PROOF` */
export async function messageProofText(
  database: Database,
  message: { deliveryId: string; seq: number },
  key: SystemKey,
): Promise<string> {
  const proof = await atOneInstant(database, (tx) => makeMessageProof(tx, message, thisExport())).catch(
    (error: unknown) => {
      throw error instanceof NoProofError ? new SealpostError('NO_PROOF', error.message) : error;
    },
  );
  if (!proof) throw new DeliveryNotFoundError(message.deliveryId);
  return await signedProof(proof, key);
}

/** Or the parts of a delivery that is under way would not agree. */
async function atOneInstant<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return await inTransaction(database, async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    return await work(tx);
  });
}

const thisExport = () => ({ exportedAt: new Date().toISOString(), sealpostVersion: packageVersion() });
