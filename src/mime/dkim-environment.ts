import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { parseDomain } from '../delivery/address.js';
import { keyName, type DkimKey } from './dkim-key.js';

/** What is wrong with one variable. No sentence quotes a value but for a path: the rest may be the key itself. */
export interface DkimKeyFault {
  variable: string;
  sentence: string;
}

/** Keys are taken all or none, for mail would leave with less than the operator meant it to have. */
export class DkimKeysError extends Error {
  override readonly name = 'DkimKeysError';

  constructor(readonly faults: readonly DkimKeyFault[]) {
    super(faults.map(({ variable, sentence }) => `${variable}: ${sentence}`).join('\n'));
  }
}

const variablePattern = /^DKIM_KEY(?:_.+)?$/;

const usage =
  'a key is given as "domain=shop.example; selector=s1; key=/run/secrets/dkim-s1.pem", or with the PEM file in base64 in place of its path';

/**
 * Reads the keys that `DKIM_KEY` and `DKIM_KEY_<ANYTHING>` give, and tries each of them once.
 *
 * @param env - such as `process.env`; empty values count as not set
 * @returns RSA before Ed25519 within a domain, which is the order in which they sign: verifiers that know one algorithm
 *   only, know RSA
 * @throws DkimKeysError with all faults
 */
export function dkimKeysFromEnvironment(env: Readonly<Record<string, string | undefined>>): DkimKey[] {
  const keys: DkimKey[] = [];
  const faults: DkimKeyFault[] = [];
  const variables = new Map<string, string>();
  for (const [variable, value] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!variablePattern.test(variable) || value === undefined || value === '') continue;
    const parsed = parseKey(value);
    if ('sentences' in parsed) {
      faults.push(...parsed.sentences.map((sentence) => ({ variable, sentence })));
      continue;
    }
    const name = keyName(parsed.key);
    const other = variables.get(name);
    if (other !== undefined) {
      faults.push({ variable, sentence: `${other} gives a key for ${name} too: give it another selector` });
    }
    variables.set(name, variable);
    keys.push(parsed.key);
  }
  if (faults.length > 0) throw new DkimKeysError(faults);
  const order = ({ domain, algorithm, selector }: DkimKey) => [domain, algorithm === 'rsa-sha256' ? 0 : 1, selector];
  return keys.sort((a, b) => (order(a).join(' ') < order(b).join(' ') ? -1 : 1));
}

/** RFC 6376 §3.1: labels as in a domain name. */
const selectorPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** A parser of a field that throws {@link KeyFault}s. */
const parsedBy =
  <T>(parse: (text: string) => T) =>
  (text: string, context: z.RefinementCtx<string>): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof KeyFault)) throw error;
      context.addIssue(error.message);
      return z.NEVER;
    }
  };

const keySchema = z
  .strictObject(
    {
      domain: z.string('domain= is missing').transform(parsedBy(readDomain)),
      selector: z
        .string('selector= is missing')
        .toLowerCase()
        .regex(selectorPattern, 'selector= must be letters, digits, "-" and "." such as s1'),
      key: z.string('key= is missing').transform(parsedBy(readPrivateKey)),
    },
    { error: (issue) => (issue.code === 'unrecognized_keys' ? usage : undefined) },
  )
  .refine(({ domain, selector }) => keyName({ domain, selector }).length <= 253, {
    error: 'selector= and domain= are longer together than the 253 characters of a name in DNS',
  });

function parseKey(value: string): { key: DkimKey } | { sentences: string[] } {
  const fields = value.split(';').map((field) => {
    const at = field.indexOf('=');
    return [field.slice(0, Math.max(at, 0)).trim(), field.slice(at + 1).trim()] as const;
  });
  const given = fields.filter(([name, text]) => name !== '' || text !== '');
  const names = new Set(given.map(([name]) => name));
  if (names.size < given.length || names.has('')) return { sentences: [usage] };
  const parsed = keySchema.safeParse(Object.fromEntries(given));
  if (!parsed.success) return { sentences: parsed.error.issues.map(({ message }) => message) };
  const { domain, selector, key: privateKey } = parsed.data;
  const algorithm = privateKey.asymmetricKeyType === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256';
  return { key: { domain, selector, algorithm, privateKey } };
}

class KeyFault extends Error {}

function readDomain(text: string): string {
  const domain = parseDomain(text);
  if (domain === undefined) throw new KeyFault('domain= must be a domain such as shop.example');
  return domain;
}

function readPrivateKey(text: string): KeyObject {
  const [pem, place] = isAbsolute(text) ? [readKeyFile(text), text] : [inlinePem(text), 'key='];
  const key = parsePem(pem, place);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type !== 'rsa' && type !== 'ed25519')
    throw new KeyFault(`${place} is a key of type ${type}: DKIM knows RSA and Ed25519`);
  const bits = details?.modulusLength ?? 0;
  // RFC 8301 §3.2: signers use 2048 at least, and verifiers need not check more than 4096.
  if (type === 'rsa' && (bits < 2048 || bits > 4096))
    throw new KeyFault(`${place} is an RSA key of ${bits} bits: it must have 2048 to 4096 (RFC 8301)`);
  if (!signs(key)) throw new KeyFault(`${place} is damaged: what it signs does not verify`);
  return key;
}

const largestFile = 65_536;

function readKeyFile(path: string): string {
  try {
    const file = statSync(path);
    // A pipe would be waited for.
    if (!file.isFile() || file.size > largestFile) throw new KeyFault(`${path} is no file that holds a key`);
    // Windows has no such modes: every file has all of them.
    if (process.platform !== 'win32' && (file.mode & 0o006) !== 0)
      throw new KeyFault(`${path} can be read or written by everybody on this machine: chmod 640 it, or stricter`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof KeyFault) throw error;
    throw new KeyFault(`${path} cannot be read: see that it is there and that this user may read it`);
  }
}

function inlinePem(text: string): string {
  const pem = text.startsWith('-----BEGIN ') ? text : Buffer.from(text, 'base64').toString('latin1');
  if (!pem.startsWith('-----BEGIN '))
    throw new KeyFault('key= must be the absolute path of a PEM file, or such a file in base64');
  return pem;
}

function parsePem(pem: string, place: string): KeyObject {
  if (pem.includes('ENCRYPTED'))
    throw new KeyFault(`${place} is locked with a passphrase: take it off ("openssl pkey -in … -out …")`);
  try {
    return createPrivateKey(pem);
  } catch {
    throw new KeyFault(`${place} is no private key in PEM, such as "openssl genpkey" writes`);
  }
}

/** OpenSSL reads keys whose parts do not belong together. */
function signs(key: KeyObject): boolean {
  const algorithm = key.asymmetricKeyType === 'rsa' ? 'sha256' : null;
  const probe = Buffer.from('probe');
  try {
    return verify(algorithm, probe, createPublicKey(key), sign(algorithm, probe, key));
  } catch {
    return false;
  }
}
