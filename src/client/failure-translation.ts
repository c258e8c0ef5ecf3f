import { types } from 'node:util';
import { ServiceError, isGrpcServiceError } from '@temporalio/client';
import {
  DeliveryIdUsedError as IdUsed,
  DeliveryMissingError,
  RevisionDiffersError,
  RevisionNotStoredError,
} from '../store/revisions.js';
import { DeliveryIdUsedError, DeliveryNotFoundError, SealpostError } from './errors.js';

/**
 * Runs a call to Postgres or Temporal and turns what they throw into one of our errors. What is not known stays as it
 * is: it is a defect, and its stack is wanted.
 */
export async function translated<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translate(error);
  }
}

/** The same for what comes one by one. */
export async function* translatedEach<T>(rows: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* rows;
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): unknown {
  if (error instanceof IdUsed) return new DeliveryIdUsedError(error.deliveryId);
  if (error instanceof DeliveryMissingError) return new DeliveryNotFoundError(error.deliveryId);
  if (error instanceof RevisionNotStoredError) return new SealpostError('REVISION_NOT_STORED', error.message);
  if (error instanceof RevisionDiffersError)
    return new SealpostError(
      'SIGNATURE_REFUSED',
      'What is submitted is not what was signed: look at it once more and sign it anew. Nothing was changed.',
    );
  // Not `instanceof Error`: the drivers' errors are of another realm where an engineer's tests run under jest.
  if (error instanceof SealpostError || !types.isNativeError(error)) return error;
  const cause = { cause: error };
  const temporal = temporalSentence(error);
  if (temporal !== undefined) return new SealpostError('TEMPORAL_UNAVAILABLE', temporal, cause);
  return translateDatabase(error, cause) ?? error;
}

const noAnswer =
  'The Temporal server does not answer: see that it runs at TEMPORAL_ADDRESS, or start one with "sealpost up".';
/** gRPC's DEADLINE_EXCEEDED and UNAVAILABLE. */
const outageCodes = new Set<number>([4, 14]);

function temporalSentence(error: Error): string | undefined {
  if (isGrpcServiceError(error)) {
    return outageCodes.has(error.code) ? noAnswer : `The Temporal server refuses the request: ${error.details}.`;
  }
  if (error instanceof ServiceError && error.cause instanceof Error) return temporalSentence(error.cause);
  if (error.name === 'NamespaceNotFoundError') {
    return `The Temporal server refuses the request: ${error.message} (TEMPORAL_NAMESPACE).`;
  }
  return /Failed to connect before the deadline/.test(error.message) ? noAnswer : undefined;
}

/** What keeps a database from being used, by the code of the system or of Postgres. */
export const outages: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its host is not known',
  EAI_AGAIN: 'its host is not known',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'it closed the connection',
  '57P03': 'it is starting up or shutting down',
  '57P01': 'it is shutting down',
  '53300': 'it has too many connections',
  '53100': 'its disk is full',
  '28P01': 'it refuses the password',
  '28000': 'it refuses the user',
  '3D000': 'it has no database of that name',
};

function translateDatabase(error: Error, cause: ErrorOptions): SealpostError | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === '42P01' || code === '42703' || code === '42704') {
    return new SealpostError(
      'SCHEMA_MISSING',
      'The database lacks our tables or has old ones: run "sealpost migrate".',
      cause,
    );
  }
  if (code === '42501') {
    return new SealpostError(
      'DATABASE_UNAVAILABLE',
      'The database refuses its user a right: "sealpost migrate" must run as the owner of the tables (SEALPOST_MIGRATE_URL), which gives the user of DATABASE_URL what it needs.',
      cause,
    );
  }
  const known = Object.hasOwn(outages, code) ? outages[code] : undefined;
  const lost = /connection terminated|timeout exceeded when trying to connect/i.test(error.message);
  const why = known ?? (lost ? 'the connection was lost' : undefined);
  if (why === undefined) return undefined;
  return new SealpostError('DATABASE_UNAVAILABLE', `The database at DATABASE_URL cannot be used: ${why}.`, cause);
}
