import { chmodSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closedFolder, postgresUser } from '../../src/local/postgres-user.js';
import { temporaryFolder } from './temporary-folder.js';

const passwd = (...lines: string[]): string => {
  const file = join(temporaryFolder(), 'passwd');
  writeFileSync(file, `${['root:x:0:0:root:/root:/bin/bash', ...lines].join('\n')}\n`);
  return file;
};
const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';

test.each([
  ['postgres where there is one', ['postgres:x:101:104::/:/bin/sh', nobody], { uid: 101, gid: 104 }],
  ['else nobody', [nobody], { uid: 65534, gid: 65534 }],
  ['never root under another name', ['postgres:x::0::/:/bin/sh', nobody], { uid: 65534, gid: 65534 }],
])('as root, Postgres runs as %s', (_who, lines, user) => {
  expect(postgresUser(0, passwd(...lines))).toEqual(user);
});

test('as root without either, the error says what to do', () => {
  expect(() => postgresUser(0, passwd())).toThrow(/neither a user postgres nor a user nobody.*DATABASE_URL/);
});

test('an ordinary user runs it', () => {
  expect(postgresUser(1000, '/no/such/file')).toBeUndefined();
});

test('the first folder that is closed to a user is found', () => {
  const top = realpathSync(temporaryFolder());
  const inner = join(top, 'closed', 'data');
  mkdirSync(inner, { recursive: true });
  const stranger = { uid: 4_000_001, gid: 4_000_001 };
  expect(closedFolder(inner, stranger)).toBeUndefined();
  chmodSync(join(top, 'closed'), 0o700);
  chmodSync(inner, 0o700);
  expect(closedFolder(inner, stranger)).toBe(join(top, 'closed'));
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  expect(closedFolder(inner, owner)).toBeUndefined();
});
