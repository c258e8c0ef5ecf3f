import { createHash } from 'node:crypto';
import { copyInto, copyRow, storable } from './copy-format.js';
import type { Transaction } from './database.js';

/**
 * Stores whom a revision's sources leave out.
 *
 * @param addresses - as the ledger writes them
 * @returns SHA-256 over them, hexadecimal
 */
export async function copyExcluded(
  tx: Transaction,
  revisionKey: number,
  addresses: AsyncIterable<string>,
): Promise<string> {
  const digest = createHash('sha256');
  async function* lines(): AsyncGenerator<string> {
    for await (const given of addresses) {
      const address = storable(given);
      digest.update(`${address}\n`);
      yield copyRow([revisionKey, address]);
    }
  }
  await copyInto(tx, 'excluded_address (revision, address)', lines());
  return digest.digest('hex');
}
