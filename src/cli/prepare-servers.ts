import { translated } from '../client/failure-translation.js';
import { migrate } from '../store/migrate.js';

/** Servers that deliveries run on. */
export interface Servers {
  databaseUrl: string;
  /** Host and port; absent where none is named. */
  temporalAddress?: string;
}

/**
 * Brings the servers to where this version needs them. Safe to repeat; a kill in the middle leaves what was there.
 *
 * @returns names of the migrations that were applied now
 * @throws SealpostError `DATABASE_UNAVAILABLE`
 */
export async function prepareServers(servers: Servers): Promise<{ migrations: string[] }> {
  return { migrations: await translated(() => migrate(servers.databaseUrl)) };
}
