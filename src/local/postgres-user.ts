import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { UnixUser } from './detached-process.js';

/**
 * Postgres refuses to run as root.
 *
 * @returns as root, the user `postgres` if the machine has one, else `nobody`; undefined for anybody else, who runs it
 * @throws Error when root has neither
 */
export function postgresUser(
  uid: number | undefined = process.getuid?.(),
  passwdFile = '/etc/passwd',
): UnixUser | undefined {
  if (uid !== 0) return undefined;
  const passwd = readFileSync(passwdFile, 'utf8');
  const user = findUser(passwd, 'postgres') ?? findUser(passwd, 'nobody');
  if (user) return user;
  throw new Error(
    `Postgres does not run as root, and ${passwdFile} has neither a user postgres nor a user nobody. Start Sealpost as an ordinary user, or name a Postgres of yours in DATABASE_URL`,
  );
}

/**
 * @returns the first folder on the way to `path`, itself included, that the user may not pass through
 */
export function closedFolder(path: string, user: UnixUser): string | undefined {
  const way = [];
  for (let folder = realpathSync(path); ; folder = dirname(folder)) {
    way.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  return way.find((folder) => {
    const { mode, uid, gid } = statSync(folder);
    const pass = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    return (mode & pass) === 0;
  });
}

function findUser(passwd: string, name: string): UnixUser | undefined {
  for (const line of passwd.split('\n')) {
    const fields = line.split(':');
    const [uid, gid] = [Number(fields[2]), Number(fields[3])];
    // Ids are checked: an empty or odd field would mean 0, which is root.
    if (fields[0] === name && uid > 0 && gid > 0) return { uid, gid };
  }
  return undefined;
}
