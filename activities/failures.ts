import { ApplicationFailure } from '@temporalio/common';

/** A message is no longer what was sealed: nothing more may leave. */
export class SealBrokenError extends Error {
  override readonly name = 'SealBrokenError';
  constructor(readonly seq: number) {
    super(`message ${seq} no longer matches its sealed leaf`);
  }
}

/** The relay takes no message at all for now. */
export class RelayUnavailableError extends Error {
  override readonly name = 'RelayUnavailableError';
  constructor() {
    super('the relay takes no message');
  }
}

/** A relay puts off some of the people who are written to. */
export class MailDeferredError extends Error {
  override readonly name = 'MailDeferredError';
}

/** This worker stops; another attempt goes on with the batch. */
export class WorkerDrainingError extends Error {
  override readonly name = 'WorkerDrainingError';
}

interface Sentence {
  type: string;
  message: string;
  nonRetryable?: boolean;
}

/** What may be said of a failure in workflow history, by the name of the error's class. */
const sentences: Record<string, Sentence> = {
  RelayUnavailableError: {
    type: 'RelayUnavailable',
    message: 'The relay cannot be reached or takes no message; see the log of the worker. It is tried again.',
  },
  RelayUnknownError: {
    type: 'RelayUnknown',
    message: 'This worker does not know the relay that the delivery names: set its SMTP_URL_… variable.',
  },
  MailDeferredError: {
    type: 'MailDeferred',
    message: 'The relay will take the mail to some of the people later. It is tried again.',
  },
  ArchiveUnavailableError: {
    type: 'ArchiveUnavailable',
    message: 'The worker cannot write its archive; see its log. It is tried again.',
  },
  OtherLanguageDataError: {
    type: 'OtherLanguageData',
    message:
      "This worker's Node has other language data than the one that sealed; run the same version of Node on all workers.",
  },
  WorkerDrainingError: { type: 'WorkerDraining', message: 'The worker is stopping; another attempt goes on.' },
  RevisionMissingError: {
    type: 'RevisionMissing',
    message: 'The delivery has no revision of that name: submit it with "sealpost revise".',
    nonRetryable: true,
  },
  JournalConflictError: {
    type: 'JournalConflict',
    message:
      'The journal has something else under the number of one of these entries: somebody else wrote there in the name of the workflow. The delivery is stopped; "sealpost audit show" tells what stands there.',
    nonRetryable: true,
  },
  SealMismatchError: {
    type: 'SealMismatch',
    message: 'The ledger holds another seal than the one that was confirmed; nothing was sent.',
    nonRetryable: true,
  },
};

/** A delivery names a relay that this worker's configuration does not have. */
export class RelayUnknownError extends Error {
  override readonly name = 'RelayUnknownError';
}

/** Numbers and dates may come out otherwise here than where they were sealed. */
export class OtherLanguageDataError extends Error {
  override readonly name = 'OtherLanguageDataError';
}

/** What was confirmed is not what the ledger holds. */
export class SealMismatchError extends Error {
  override readonly name = 'SealMismatchError';
}

const database: Sentence = {
  type: 'DatabaseUnavailable',
  message: 'The database does not answer as it should; see the log of the worker. It is tried again.',
};
const internal: Sentence = {
  type: 'Internal',
  message: 'Something unexpected went wrong; see the log of the worker. It is tried again.',
};

/**
 * Turns any error of an activity into one that may stand in history: a fixed sentence, no cause, no stack. Messages of
 * libraries quote addresses, values and paths, and history keeps them for ever.
 */
export function sanitise(error: unknown): ApplicationFailure {
  const { type, message, nonRetryable } = sentenceOf(error);
  const failure = ApplicationFailure.create({ type, message, nonRetryable: nonRetryable ?? false });
  failure.stack = '';
  return failure;
}

function sentenceOf(error: unknown): Sentence {
  if (!(error instanceof Error)) return internal;
  const known = Object.hasOwn(sentences, error.name) ? sentences[error.name] : undefined;
  return known ?? (isDatabaseError(error) ? database : internal);
}

const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN']);

/** SQLSTATEs have five characters; pg's own errors of a lost connection have a sentence only. */
function isDatabaseError(error: Error): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^[0-9A-Z]{5}$/.test(code) || networkCodes.has(code) || /connection|client/i.test(error.message);
}

/** What a worker's log may hold of an error: which one and where in our code, never what it says of values. */
export function describeForLog(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error ? error.code : undefined;
  const at = error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
    .map((line) =>
      line.trim().replace(/(?:file:\/\/)?\/\S*\/(?=(?:dist|node_modules|src|activities|workflows|worker)\/)/, ''),
    );
  return { error: error.name, code, at };
}
