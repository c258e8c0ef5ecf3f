import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import {
  OtherLanguageDataError,
  RelayUnavailableError,
  SealMismatchError,
  describeForLog,
  sanitise,
} from '../../activities/failures.js';
import { ArchiveUnavailableError } from '../../src/archive/message-archive.js';

const secret = 'canary.person@shop.example';

function databaseError(): Error {
  return Object.assign(new Error(`duplicate key (address)=(${secret})`), { code: '23505', detail: secret });
}

test.each<[string, unknown, string, boolean]>([
  ['an error of a library', new Error(`550 no such user ${secret}`, { cause: new Error(secret) }), 'Internal', false],
  ['an error of Postgres', databaseError(), 'DatabaseUnavailable', false],
  ['a thrown text', secret, 'Internal', false],
  ['a relay that is down', new RelayUnavailableError(), 'RelayUnavailable', false],
  [
    'an archive that cannot be written',
    new ArchiveUnavailableError(Object.assign(new Error(`ENOSPC: ${secret}`), { code: 'ENOSPC' })),
    'ArchiveUnavailable',
    false,
  ],
  ['another ICU than that of the seal', new OtherLanguageDataError(secret), 'OtherLanguageData', false],
  ['another seal than was confirmed', new SealMismatchError(secret), 'SealMismatch', true],
])('%s reaches history as a sentence of ours', (_, error, type, nonRetryable) => {
  const failure = sanitise(error);
  expect(failure).toMatchObject({ type, nonRetryable });
  const wire = JSON.stringify(defaultFailureConverter.errorToFailure(failure, defaultPayloadConverter));
  expect(wire).not.toContain('canary');
  expect(wire).not.toMatch(/\n\s+at |[.][jt]s:/);
});

test('the log tells where an error arose, and not what it says', () => {
  const described = JSON.stringify(describeForLog(databaseError()));
  expect(described).toContain('23505');
  expect(described).toContain('failures.test');
  expect(described).not.toContain('canary');
});
