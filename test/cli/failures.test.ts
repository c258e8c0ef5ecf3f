import { CommanderError } from 'commander';
import { CliError, describeFailure } from '../../src/cli/failures.js';
import {
  CommandRefusedError,
  DefinitionError,
  DeliveryIdUsedError,
  DeliveryNotFoundError,
  SealpostError,
  errorCodes,
} from '../../src/client/index.js';
import { FolderError } from '../../src/local/folder-error.js';
import { StackRunningError } from '../../src/local/data-folder.js';
import { RelayUrlError } from '../../src/smtp/relay-url.js';

const fault = { file: 'news.yaml', line: 3, field: 'subject', sentence: 'is missing' };

describe('exit codes', () => {
  test.each([
    [1, new CommandRefusedError('news', 'four-eyes')],
    [1, new DeliveryIdUsedError('news')],
    [1, new DeliveryNotFoundError('news')],
    [1, new StackRunningError('/data', 7)],
    [3, new FolderError('x')],
    [1, new CliError('CHECK_FAILED', 'x')],
    [2, new DefinitionError([fault])],
    [2, new CliError('USAGE', 'x')],
    [2, new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'")],
    [2, new RelayUrlError('x')],
    [3, new SealpostError('DATABASE_UNAVAILABLE', 'x')],
    [3, new SealpostError('TEMPORAL_UNAVAILABLE', 'x')],
    [3, new SealpostError('SCHEMA_MISSING', 'x')],
    [3, new SealpostError('NOT_CONFIGURED', 'x')],
    [3, new CliError('NO_STACK', 'x')],
    [130, new CliError('INTERRUPTED', 'x')],
  ])('%d for %s', (exitCode, error) => {
    expect(describeFailure(error).exitCode).toBe(exitCode);
  });

  test('no error of the client is taken for a defect', () => {
    for (const code of errorCodes) expect(describeFailure(new SealpostError(code, 'x')).code).toBe(code);
  });
});

test('faults of a definition come with the error', () => {
  expect(describeFailure(new DefinitionError([fault]))).toEqual({
    exitCode: 2,
    code: 'DEFINITION_INVALID',
    message: 'news.yaml:3: subject: is missing',
    faults: [fault],
  });
});

test.each([
  new TypeError('x is not a function'),
  Object.assign(new Error('syntax error'), { code: '42601' }),
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  'a string',
])('what nobody meant for a person is a defect: %s', (error) => {
  expect(describeFailure(error)).toMatchObject({ exitCode: 1, code: 'INTERNAL' });
});
