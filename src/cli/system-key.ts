import { readFileSync, statSync } from 'node:fs';
import type { SystemKey } from '../audit/system-key.js';
import { SealpostError } from '../client/errors.js';
import { dataFolder, dataFolderError } from '../local/data-folder.js';
import { isErrno } from '../local/process-identity.js';
import { obtainSystemKey } from '../local/system-key-file.js';
import { runningStack, type Env } from './environment.js';
import { CliError } from './failures.js';

const howToMake =
  'Make one with "openssl genpkey -algorithm ed25519 -out system-key.pem && chmod 600 system-key.pem", keep it apart from the database, and name it in SEALPOST_SYSTEM_KEY.';

/**
 * The key that signs what auditors get: the file that SEALPOST_SYSTEM_KEY names, else that of the running local stack.
 *
 * @throws CliError `USAGE` for a file that holds no such key or that others can read; `NO_STACK` where there is none
 */
export async function systemKeyOf(env: Env): Promise<SystemKey> {
  const { makeSystemKey, parseSystemKey } = await import('../audit/system-key.js');
  const named = env['SEALPOST_SYSTEM_KEY'];
  if (named) return await parseSystemKey(readNamed(named)).catch(unusable(named));
  if (env['DATABASE_URL'] || !runningStack(env))
    throw new CliError('NO_STACK', `No system key is named, and no local stack runs that has one. ${howToMake}`);
  const folder = dataFolder(env);
  try {
    return await parseSystemKey(obtainSystemKey(folder, makeSystemKey)).catch(unusable(folder.systemKey));
  } catch (error) {
    throw dataFolderError(folder, error) ?? error;
  }
}

/** @throws SealpostError `NOT_CONFIGURED`, by which a server tells its callers what it lacks */
export function toldToPrograms(error: unknown): never {
  if (!(error instanceof CliError)) throw error;
  throw new SealpostError('NOT_CONFIGURED', error.message, { cause: error });
}

function readNamed(path: string): string {
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      throw new CliError('USAGE', `The system key "${path}" can be read by others: "chmod 600" it.`);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR')) throw error;
    throw new CliError('USAGE', `The system key "${path}" cannot be read (${error.code}). ${howToMake}`);
  }
}

function unusable(path: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error) || error.name !== 'SystemKeyError') throw error;
    throw new CliError('USAGE', `The system key "${path}" cannot be used: ${error.message}. ${howToMake}`);
  };
}
