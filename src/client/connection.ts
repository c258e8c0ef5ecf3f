import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { openDatabase, type Database } from '../store/database.js';
import { SealpostError } from './errors.js';

export interface ConnectOptions {
  /** `postgres://user:password@host:port/database`. @default `DATABASE_URL` */
  databaseUrl?: string;
  /** `host:port`. @default Temporal's environment configuration (`TEMPORAL_ADDRESS`, `TEMPORAL_PROFILE`, its file) */
  temporalAddress?: string;
  /** @default Temporal's environment configuration, else `default` */
  temporalNamespace?: string;
  /** Opens an operator's key that is encrypted. @default `SEALPOST_KEY_PASSPHRASE` */
  passphrase?: () => Promise<string | undefined>;
  /** Where defaults come from, and the operators' keys (`SEALPOST_KEYS`, `SEALPOST_KEY`). @default `process.env` */
  env?: Readonly<Record<string, string | undefined>>;
  /** The most that are open to the database at once. @default 4 */
  connections?: number;
  /** Of the database server's, for each connection's session: `-c name=value`. */
  databaseSettings?: string;
}

/** What the client works over; opened at the first use of each, so that reading needs no Temporal server. */
export interface Connections {
  /** Where databases of recipients are named. */
  env: Readonly<Record<string, string | undefined>>;
  passphrase: () => Promise<string | undefined>;
  database: Database;
  temporal: Client;
  /** Waits 5 s at most. @throws Error when the Temporal server does not answer */
  ensureTemporal: () => Promise<void>;
  close: () => Promise<void>;
}

/** A page of a history whose signals were large is more than the 4 MB that gRPC takes by default; 50 MB is the most that Temporal keeps. */
const longestAnswer = 64 * 1024 * 1024;

/**
 * @throws SealpostError `NOT_CONFIGURED` when neither the options nor the environment name a database
 */
export function openConnections(options: ConnectOptions): Connections {
  const env = options.env ?? process.env;
  const databaseUrl = options.databaseUrl ?? env['DATABASE_URL'];
  if (!databaseUrl) {
    throw new SealpostError(
      'NOT_CONFIGURED',
      'No database is named and no local stack runs: set DATABASE_URL (and TEMPORAL_ADDRESS), or run "sealpost up".',
    );
  }
  const temporal = temporalConfig(options);
  const connection = Connection.lazy({
    ...temporal.connectionOptions,
    connectTimeout: '5s',
    channelArgs: { 'grpc.max_receive_message_length': longestAnswer },
  });
  const database = openDatabase(databaseUrl, options.connections ?? 4, options.databaseSettings);
  return {
    env,
    passphrase: options.passphrase ?? (() => Promise.resolve(env['SEALPOST_KEY_PASSPHRASE'])),
    database,
    temporal: new Client({ connection, namespace: temporal.namespace ?? 'default', identity: 'sealpost-client' }),
    ensureTemporal: () => connection.ensureConnected(),
    close: async () => {
      await Promise.all([connection.close(), database.end()]);
    },
  };
}

/** Temporal's own environment configuration, with what the options name in place of it. */
export function temporalConfig(options: ConnectOptions): ReturnType<typeof loadClientConnectConfig> {
  const overrideEnvVars: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.env ?? process.env)) if (value) overrideEnvVars[name] = value;
  const config = loadClientConnectConfig({ overrideEnvVars });
  const { temporalAddress: address, temporalNamespace: namespace } = options;
  return {
    ...config,
    connectionOptions: { ...config.connectionOptions, ...(address === undefined ? {} : { address }) },
    ...(namespace === undefined ? {} : { namespace }),
  };
}
