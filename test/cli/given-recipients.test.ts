import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { withGivenRecipients } from '../../src/cli/given-recipients.js';

test('standard input is kept in a file of the caller alone, as long as it is needed', async () => {
  const input = Readable.from(['email\n', 'ann@shop.example\n']);
  let path = '';
  const work = withGivenRecipients(
    '-',
    (recipients) => {
      path = recipients?.path ?? '';
      expect(recipients?.name).toBe('standard input');
      expect(readFileSync(path, 'utf8')).toBe('email\nann@shop.example\n');
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
      return Promise.reject(new Error('the work fails'));
    },
    input,
  );
  await expect(work).rejects.toThrow('the work fails');
  expect(existsSync(dirname(path))).toBe(false);
});

test.each([
  [undefined, undefined],
  ['members.csv', { path: 'members.csv' }],
])('--recipients %s', async (option, given) => {
  expect(await withGivenRecipients(option, (recipients) => Promise.resolve(recipients))).toEqual(given);
});
