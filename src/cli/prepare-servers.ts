import { Connection } from '@temporalio/client';
import { registerSearchAttributes } from '../../worker/search-attributes.js';
import { temporalConfig } from '../client/connection.js';
import { translated } from '../client/failure-translation.js';
import { migrate } from '../store/migrate.js';

/** Servers that deliveries run on. */
export interface Servers {
  databaseUrl: string;
  /** The database by the role that owns the tables, where that is another one. */
  migrateUrl?: string;
  /** Host and port; absent where none is named. */
  temporalAddress?: string;
}

/**
 * Brings the servers to where this version needs them. Safe to repeat; a kill in the middle leaves what was there.
 *
 * @returns names of the migrations and search attributes that were added now
 * @throws SealpostError `DATABASE_UNAVAILABLE`, `TEMPORAL_UNAVAILABLE`
 */
export async function prepareServers(servers: Servers): Promise<{ migrations: string[]; searchAttributes: string[] }> {
  return await translated(async () => ({
    migrations: await migrate(servers.migrateUrl ?? servers.databaseUrl, servers.databaseUrl),
    searchAttributes: servers.temporalAddress === undefined ? [] : await registerAt(servers),
  }));
}

async function registerAt({ temporalAddress }: Servers): Promise<string[]> {
  const { connectionOptions, namespace } = temporalConfig(temporalAddress === undefined ? {} : { temporalAddress });
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: '5s' });
  try {
    return await registerSearchAttributes(connection, namespace ?? 'default');
  } finally {
    await connection.close();
  }
}
