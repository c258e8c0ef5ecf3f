import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { keyObjectOf, publicKeyOf, publicKeySchema } from '../audit/public-key.js';
import { SealpostError } from './errors.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Where an operator's private key is looked for: `SEALPOST_KEY`, else the operator's file in the folder `SEALPOST_KEYS`.
 *
 * @returns undefined where neither is set
 */
export function operatorKeyPath(operator: string, env: Env): string | undefined {
  const { SEALPOST_KEY: file, SEALPOST_KEYS: folder } = env;
  return file || (folder ? join(folder, `${operator}.pem`) : undefined);
}

/**
 * Reads an Ed25519 private key (PKCS #8 in PEM, encrypted or not).
 *
 * @param passphrase - asked for where the key is encrypted
 * @returns undefined where there is no such file
 * @throws SealpostError `KEY_UNUSABLE` where others can read it, it is locked, or no Ed25519 key
 */
export async function readOperatorKey(
  path: string,
  passphrase: () => Promise<string | undefined>,
): Promise<KeyObject | undefined> {
  const pem = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unusable(path, `cannot be read (${error.code ?? error.message})`);
  });
  if (pem === undefined) return undefined;
  if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0)
    throw unusable(path, `can be read by others: chmod 600 ${path}`);
  const encrypted = pem.includes('ENCRYPTED');
  const secret = encrypted ? await passphrase() : undefined;
  if (encrypted && secret === undefined)
    throw unusable(path, 'is locked: give its passphrase at the prompt or in SEALPOST_KEY_PASSPHRASE');
  try {
    const key = createPrivateKey({ key: pem, ...(secret === undefined ? {} : { passphrase: secret }) });
    publicKeyOf(key);
    return key;
  } catch (error) {
    const why = encrypted
      ? 'cannot be opened: the passphrase is wrong, or the file is damaged'
      : 'is no Ed25519 key in PEM';
    throw unusable(path, why, error);
  }
}

/**
 * Makes a key pair and keeps its private half in a file that only this user can read; a file that is there stays.
 *
 * @throws SealpostError `KEY_UNUSABLE` where the file is there already or cannot be written
 */
export async function makeOperatorKey(path: string, passphrase: string | undefined): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    ...(passphrase ? { cipher: 'aes-256-cbc', passphrase } : {}),
  });
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(pem);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(path, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw unusable(path, 'is there already: name another file, or take it away first');
    throw unusable(path, `cannot be written (${code ?? 'unknown error'})`, error);
  }
  return privateKey;
}

/** @returns an Ed25519 public key from a file, as JWK or PEM. @throws SealpostError `KEY_UNUSABLE` */
export async function readPublicKey(path: string): Promise<KeyObject> {
  try {
    const text = await readFile(path, 'utf8');
    const key = text.trimStart().startsWith('{')
      ? keyObjectOf(publicKeySchema.parse(JSON.parse(text)))
      : createPublicKey(text);
    publicKeyOf(key);
    return key;
  } catch (error) {
    throw unusable(path, 'is no Ed25519 public key, as JWK or PEM', error);
  }
}

function unusable(path: string, why: string, cause?: unknown): SealpostError {
  return new SealpostError('KEY_UNUSABLE', `The key ${path} ${why}.`, cause === undefined ? {} : { cause });
}
