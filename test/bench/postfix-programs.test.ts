import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostfixPrograms } from './postfix-programs.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postfix-programs-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, mode: number) => writeFileSync(join(folder, name), '', { mode });

test('Postfix’s programs are found where they are', () => {
  write('smtp-source', 0o755);
  write('smtp-sink', 0o755);
  expect(findPostfixPrograms([join(folder, 'none'), folder])).toEqual({
    source: join(folder, 'smtp-source'),
    sink: join(folder, 'smtp-sink'),
  });
});

test('where one is missing or cannot be run, it says how to get them', () => {
  write('smtp-source', 0o755);
  expect(() => findPostfixPrograms([folder])).toThrow(/apt-get install --no-install-recommends postfix$/);
  write('smtp-sink', 0o644);
  // Root may run nothing either that nobody may run.
  expect(() => findPostfixPrograms([folder])).toThrow(/smtp-sink/);
});
