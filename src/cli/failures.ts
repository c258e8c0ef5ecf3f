import { types } from 'node:util';

/** What a script learns from the exit code. */
export const exitCodes = { done: 0, refused: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;
type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Something that a person has to be told, and no defect of ours. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly code:
      'USAGE' | 'REFUSED' | 'NOT_FOUND' | 'CHECK_FAILED' | 'CHAIN_BROKEN' | 'NO_STACK' | 'STACK_FAILED' | 'INTERRUPTED',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** An error as it is shown. */
export interface Failure {
  exitCode: ExitCode;
  code: string;
  /** One or more lines. */
  message: string;
  faults?: readonly object[];
}

const exitCodeByErrorCode: Readonly<Record<string, ExitCode>> = {
  USAGE: exitCodes.usage,
  DEFINITION_INVALID: exitCodes.usage,
  LIST_INVALID: exitCodes.usage,
  NOT_CONFIGURED: exitCodes.unreachable,
  DATABASE_UNAVAILABLE: exitCodes.unreachable,
  SCHEMA_MISSING: exitCodes.unreachable,
  TEMPORAL_UNAVAILABLE: exitCodes.unreachable,
  NO_STACK: exitCodes.unreachable,
  STACK_FAILED: exitCodes.unreachable,
  INTERRUPTED: exitCodes.interrupted,
};

/** Errors of other parts that are meant for a person but carry no code of ours. */
const codeByName: Readonly<Record<string, string>> = {
  RelayUrlError: 'USAGE',
  FolderError: 'STACK_FAILED',
  DkimKeysError: 'USAGE',
  NoticeSettingsError: 'USAGE',
  RuleConfigError: 'USAGE',
  MxRulesError: 'USAGE',
  ProviderSettingsError: 'USAGE',
  NameServersError: 'USAGE',
  StackRunningError: 'REFUSED',
  TemporalUnavailableError: 'STACK_FAILED',
  // What the worker's native connection throws.
  TransportError: 'TEMPORAL_UNAVAILABLE',
  SearchAttributesMissingError: 'SCHEMA_MISSING',
};

const ownErrors = new Set(['CliError', 'SealpostError', 'DefinitionError', 'ListInputError']);

/** Errors whose own words are for programmers. */
const messageByName: Readonly<Record<string, string>> = {
  TransportError:
    'The Temporal server does not answer: see that it runs at TEMPORAL_ADDRESS, or start one with "sealpost up".',
};

/** @param error - whatever a command threw; classes are told by name, for loading them takes long */
export function describeFailure(error: unknown): Failure {
  // Not `instanceof`: an error may be of another realm, as Node's own are under jest.
  if (!types.isNativeError(error)) return defect(String(error));
  const named = codeByName[error.name];
  const code = named ?? ('code' in error && typeof error.code === 'string' ? error.code : undefined);
  if (error.name === 'CommanderError') {
    return { exitCode: exitCodes.usage, code: 'USAGE', message: error.message.replace(/^error: /, '') };
  }
  if (code === undefined || !(named !== undefined || isOurs(error, code))) return defect(error.message);
  return {
    exitCode: exitCodeByErrorCode[code] ?? exitCodes.refused,
    code,
    message: messageByName[error.name] ?? error.message,
    ...('faults' in error && Array.isArray(error.faults) ? { faults: error.faults } : {}),
  };
}

/** Node's and the drivers' errors have codes too (`ECONNRESET`, `42601`), and subclasses of ours have other names. */
function isOurs(error: Error, code: string): boolean {
  return ownErrors.has(error.name) || /^(COMMAND|DELIVERY)_/.test(code);
}

function defect(message: string): Failure {
  const advice = 'This is a defect of sealpost; with SEALPOST_DEBUG=1 it shows where.';
  return { exitCode: exitCodes.refused, code: 'INTERNAL', message: `${message}\n${advice}` };
}

/** @returns the system's code of an error, in brackets, for the end of a sentence; empty where it has none */
export function inBrackets(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? ` (${String(error.code)})` : '';
}
