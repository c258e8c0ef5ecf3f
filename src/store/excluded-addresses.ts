import { createHash } from 'node:crypto';
import { copyInto, copyRow, storable } from './copy-format.js';
import type { Queryable, Transaction } from './database.js';
import { addExcluded } from './revision-name.js';

/** A source of addresses that are left out. */
export interface ExcludingSource {
  /** As people know it: a file, or a database. */
  name: string;
  /** Reads them from the beginning, as the ledger writes them. */
  open: () => AsyncIterable<string>;
}

/**
 * Stores whom a revision's sources leave out.
 *
 * @returns SHA-256 over the addresses, hexadecimal, and the names of the sources without any
 */
export async function copyExcluded(
  tx: Transaction,
  revisionKey: number,
  sources: readonly ExcludingSource[],
): Promise<{ hash: string; empty: string[] }> {
  const digest = createHash('sha256');
  const empty: string[] = [];
  async function* lines(): AsyncGenerator<string> {
    for (const { name, open } of sources) {
      let count = 0;
      for await (const given of open()) {
        count += 1;
        const address = storable(given);
        addExcluded(digest, address);
        yield copyRow([revisionKey, address]);
      }
      if (count === 0) empty.push(name);
    }
  }
  await copyInto(tx, 'excluded_address (revision, address)', lines());
  return { hash: digest.digest('hex'), empty };
}

/** @returns names of the revision's sources that were to leave people out and named nobody */
export async function emptyExclusions(database: Queryable, revisionKey: number): Promise<string[]> {
  const { rows } = await database.query<{ empty: string[] | null }>(
    'select empty_exclusions as empty from revision where key = $1',
    [revisionKey],
  );
  return rows[0]?.empty ?? [];
}
