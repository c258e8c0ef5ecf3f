import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readFileSync,
  readdirSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeNamed } from '../../src/local/whole-file.js';
import { temporaryFolder } from './temporary-folder.js';

const permissions = (path: string) => statSync(path).mode & 0o777;

test('a file is for the caller alone, also in place of one that others could read', () => {
  const folder = temporaryFolder();
  const [fresh, old] = [join(folder, 'fresh'), join(folder, 'old')];
  writeFileSync(old, 'old', { mode: 0o644 });
  for (const path of [fresh, old]) {
    writeNamed(path, 'new');
    expect([readFileSync(path, 'utf8'), permissions(path)]).toEqual(['new', 0o600]);
  }
  expect(readdirSync(folder)).toEqual(['fresh', 'old']);
});

test('whoever has the old file open sees nothing of the new one', () => {
  const path = join(temporaryFolder(), 'report');
  writeFileSync(path, 'old', { mode: 0o644 });
  const reader = openSync(path, 'r');
  writeNamed(path, 'new');
  expect(readFileSync(reader, 'utf8')).toBe('old');
  closeSync(reader);
});

test('a link stays a link', () => {
  const folder = temporaryFolder();
  const [path, link] = [join(folder, 'report'), join(folder, 'link')];
  writeFileSync(path, 'old', { mode: 0o644 });
  symlinkSync('report', link);
  writeNamed(link, 'new');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect([readFileSync(path, 'utf8'), permissions(path)]).toEqual(['new', 0o600]);
});

test('what is no file is written to, or refuses', () => {
  const folder = temporaryFolder();
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  writeNamed(pipe, 'new');
  const read = Buffer.alloc(10);
  expect(read.toString('utf8', 0, readSync(reader, read))).toBe('new');
  closeSync(reader);
  expect(statSync(pipe).isFIFO()).toBe(true);
  expect(() => writeNamed(folder, 'new')).toThrow('EISDIR');
});
