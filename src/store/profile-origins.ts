import type { Profile } from '../delivery/definition.js';
import type { Queryable } from './database.js';

/** Rows of one source among several: `rowsBefore` of a revision's rows stand before them. */
export interface ProfileOrigin {
  source: string;
  rowsBefore: number;
}

/** Notes where each source begins while profiles come in. */
export function noteOrigin(origins: ProfileOrigin[], { row, origin }: Profile): void {
  if (!origin) return;
  const rowsBefore = row - origin.row;
  if (origins.at(-1)?.rowsBefore !== rowsBefore) origins.push({ source: origin.source, rowsBefore });
}

/** @returns a row as people find it: its file and row there, where there are several */
export function placeOf(origins: readonly ProfileOrigin[], row: number): number | string {
  const origin = originOf(origins, row);
  return origin ? `${origin.source}:${origin.row}` : row;
}

/** @returns the source of a row and its row there; undefined where there is one source */
export function originOf(origins: readonly ProfileOrigin[], row: number): Profile['origin'] {
  const origin = origins.findLast(({ rowsBefore }) => row > rowsBefore);
  return origin && { source: origin.source, row: row - origin.rowsBefore };
}

/** @returns those of the revision that the ledger's messages are of; empty where it has one source */
export async function analysedOrigins(database: Queryable, deliveryId: string): Promise<ProfileOrigin[]> {
  const { rows } = await database.query<{ origins: ProfileOrigin[] | null }>(
    'select r.origins from delivery d join revision r on r.key = d.analysed_revision where d.id = $1',
    [deliveryId],
  );
  return rows[0]?.origins ?? [];
}
