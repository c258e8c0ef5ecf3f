import type { ErrorCode } from '../client/index.js';

/** What HTTP says of each thing that can go wrong between a caller and Sealpost. */
const statusByCode: Readonly<Record<ErrorCode, number>> = {
  DEFINITION_INVALID: 422,
  DELIVERY_ID_USED: 409,
  DELIVERY_NOT_FOUND: 404,
  DELIVERY_ENDED: 409,
  COMMAND_REFUSED: 409,
  MIRROR_PAGE_NOT_FOUND: 404,
  LIST_INVALID: 422,
  REVISION_NOT_FOUND: 404,
  REVISION_NOT_STORED: 409,
  OPERATOR_NOT_FOUND: 404,
  OPERATOR_INVALID: 422,
  KEY_UNUSABLE: 422,
  SIGNATURE_REFUSED: 422,
  NO_PROOF: 404,
  DATABASE_UNAVAILABLE: 503,
  SCHEMA_MISSING: 503,
  TEMPORAL_UNAVAILABLE: 503,
  NOT_CONFIGURED: 503,
};

/** Told by name and code, for subclasses have names of their own. @returns undefined for what is no error of the client's */
export function statusOfClientError(error: unknown): number | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && Object.hasOwn(statusByCode, code) ? statusByCode[code as ErrorCode] : undefined;
}
