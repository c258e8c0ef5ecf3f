import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dataFolder } from '../../src/local/data-folder.js';
import { obtainSystemKey } from '../../src/local/system-key-file.js';
import { temporaryFolder } from './temporary-folder.js';

test('a key is made once, for its owner alone, and stays', () => {
  const folder = dataFolder({ SEALPOST_HOME: temporaryFolder() });
  const made = ['first', 'second'].map((pem) => obtainSystemKey(folder, () => pem));
  expect(made).toEqual(['first', 'first']);
  expect(readFileSync(folder.systemKey, 'utf8')).toBe('first');
  expect(statSync(folder.systemKey).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder.path)).toHaveLength(1);
});

test('of two that come at once both get the same', () => {
  const folder = dataFolder({ SEALPOST_HOME: temporaryFolder() });
  let other = '';
  const mine = obtainSystemKey(folder, () => {
    other = obtainSystemKey(folder, () => 'other');
    return 'mine';
  });
  expect([mine, other]).toEqual(['other', 'other']);
  expect(readdirSync(folder.path)).toHaveLength(1);
});
