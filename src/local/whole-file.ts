import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { isErrno } from './process-identity.js';

/** A name beside `path` that nobody else uses; what a kill leaves under it is found by {@link isUnfinished}. */
export function unfinishedName(path: string): string {
  return `${path}.unfinished-${randomBytes(6).toString('hex')}`;
}

export function isUnfinished(name: string): boolean {
  return /\.unfinished-[0-9a-f]{12}$/.test(name);
}

/** Makes a rename or a new file in this folder survive a power cut. */
export function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Writes a file that readers see whole or not at all: killed at any line, the old content stands.
 *
 * @param mode - permissions, e.g. `0o600`
 */
export function writeWhole(path: string, content: string | Uint8Array, mode = 0o600): void {
  const unfinished = unfinishedName(path);
  try {
    writeFileSync(unfinished, content, { mode, flag: 'wx' });
    syncPath(unfinished);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  syncPath(dirname(path));
}

/**
 * Writes what holds people's data to where a person wants it: for the caller's eyes alone, whoever could read an earlier
 * file there. A link stays one; what is no file, such as `/dev/stdout`, is written to.
 */
export function writeNamed(path: string, content: string | Uint8Array): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile()) return writeFileSync(path, content);
  writeWhole(found ? realpathSync(path) : path, content);
}

/** @returns what the JSON file holds; undefined when it is missing or holds something else */
export function readJson<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
