/** What can go wrong between a caller and Sealpost. Codes are stable: match on them, not on sentences. */
export const errorCodes = [
  'DEFINITION_INVALID',
  'DELIVERY_ID_USED',
  'DELIVERY_NOT_FOUND',
  'DELIVERY_ENDED',
  'COMMAND_REFUSED',
  'MIRROR_PAGE_NOT_FOUND',
  'LIST_INVALID',
  'REVISION_NOT_FOUND',
  'REVISION_NOT_STORED',
  'OPERATOR_NOT_FOUND',
  'OPERATOR_INVALID',
  'KEY_UNUSABLE',
  'SIGNATURE_REFUSED',
  'NO_PROOF',
  'DATABASE_UNAVAILABLE',
  'SCHEMA_MISSING',
  'TEMPORAL_UNAVAILABLE',
  'NOT_CONFIGURED',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** Base of all errors that the client throws on purpose; the message is for a person and says what to do. */
export class SealpostError extends Error {
  override readonly name: string = 'SealpostError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The delivery was asked and said no; `reason` is what the approval policy or the process gave. */
export class CommandRefusedError extends SealpostError {
  override readonly name = 'CommandRefusedError';
  constructor(
    readonly deliveryId: string,
    readonly reason: string,
  ) {
    super('COMMAND_REFUSED', `Delivery "${deliveryId}" refused: ${reason}.`);
  }
}

/** No delivery of this id is known. */
export class DeliveryNotFoundError extends SealpostError {
  override readonly name = 'DeliveryNotFoundError';
  constructor(readonly deliveryId: string) {
    super('DELIVERY_NOT_FOUND', `There is no delivery "${deliveryId}"; "sealpost list" shows those that there are.`);
  }
}

/** The id belongs to another delivery: ids are used once, for ever. */
export class DeliveryIdUsedError extends SealpostError {
  override readonly name = 'DeliveryIdUsedError';
  constructor(readonly deliveryId: string) {
    super(
      'DELIVERY_ID_USED',
      `The id "${deliveryId}" is used by another delivery: choose a new id, or submit a new revision with "sealpost revise".`,
    );
  }
}
