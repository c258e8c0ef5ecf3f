import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { copyRow, storable } from './copy-format.js';
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
  await pipeline(Readable.from(lines()), tx.query(copyFrom('copy excluded_address (revision, address) from stdin')));
  return digest.digest('hex');
}
