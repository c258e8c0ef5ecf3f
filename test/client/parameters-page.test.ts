import { existsSync, readFileSync } from 'node:fs';
import { fileSchema } from '../../src/client/definition-file.js';
import { settingsOf } from '../delivery/settings-of.js';

const rows = readFileSync('docs/parameters.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

test('docs/parameters.md has one row for each setting, in order', () => {
  expect(rows.map(([, setting]) => setting?.replaceAll('`', ''))).toEqual(settingsOf(fileSchema).toSorted());
});

test.each(rows.map((row) => [row[1] ?? '', row[4] ?? '']))('%s names tests that are there', (_setting, files) => {
  const named = files.split(', ');
  expect(named.filter((file) => !/^test\/\S+\.test\.ts$/.test(file) || !existsSync(file))).toEqual([]);
});
