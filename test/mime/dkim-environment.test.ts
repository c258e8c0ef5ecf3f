import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { dkimKeysFromEnvironment, DkimKeysError } from '../../src/mime/dkim-environment.js';
import { keyName } from '../../src/mime/dkim-key.js';

const pemOf = (key: KeyObject, type: 'pkcs8' | 'pkcs1' = 'pkcs8') => key.export({ type, format: 'pem' }).toString();
const base64 = (text: string) => Buffer.from(text).toString('base64');

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const locked = rsa.privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
  .toString();

const folder = mkdtempSync(join(tmpdir(), 'sealpost-dkim-'));
const file = (name: string, content: string, mode = 0o600): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
};
afterAll(() => rmSync(folder, { recursive: true }));

const rsaFile = file('rsa.pem', pemOf(rsa.privateKey));
const edValue = `domain=shop.example; selector=ed; key=${base64(pemOf(ed25519))}`;

/** @returns the sentences by variable, or the keys' names */
function read(env: Record<string, string | undefined>): string[] {
  try {
    return dkimKeysFromEnvironment(env).map(keyName);
  } catch (error) {
    if (!(error instanceof DkimKeysError)) throw error;
    expect(error.message.split('\n')).toHaveLength(error.faults.length);
    return error.faults.map(({ variable, sentence }) => `${variable}: ${sentence}`);
  }
}

describe('keys are read', () => {
  test.each([
    ['from a file', rsaFile],
    ['from a file of its group', file('group.pem', pemOf(rsa.privateKey), 0o640)],
    ['in base64', base64(pemOf(rsa.privateKey))],
    ['as PEM', pemOf(rsa.privateKey)],
    ['in the older PEM of RSA', base64(pemOf(rsa.privateKey, 'pkcs1'))],
  ])('%s', (_, key) => {
    const keys = dkimKeysFromEnvironment({ DKIM_KEY: `domain=shop.example; selector=s1; key=${key}` });
    expect(keys).toMatchObject([{ domain: 'shop.example', selector: 's1', algorithm: 'rsa-sha256' }]);
    expect(keys[0]?.privateKey.equals(rsa.privateKey)).toBe(true);
  });

  test('RSA before Ed25519, whatever the variables are called; others and empty ones do not count', () => {
    const env = { DKIM_KEY_A: edValue, DKIM_KEY_B: `domain=shop.example;selector=zz;key=${rsaFile}` };
    expect(read({ ...env, DKIM_KEY: '', DKIM_KEY_C: undefined, XDKIM_KEY: 'x', DKIM_KEYS: 'x' })).toEqual([
      'zz._domainkey.shop.example',
      'ed._domainkey.shop.example',
    ]);
  });

  test('names as DNS has them', () => {
    const value = edValue.replace('shop.example', 'Müller.Example').replace('selector=ed', 'selector=2026.Q4');
    expect(read({ DKIM_KEY: value })).toEqual(['2026.q4._domainkey.xn--mller-kva.example']);
  });
});

describe('a key is refused', () => {
  const keyIs = (key: string) => `domain=shop.example; selector=s1; key=${key}`;
  const generated = (key: KeyObject) => keyIs(base64(pemOf(key)));
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  const damaged = createPrivateKey({
    key: { ...rsa.privateKey.export({ format: 'jwk' }), ...other.export({ format: 'jwk' }) },
    format: 'jwk',
  });
  test.each<[string, string, string | RegExp]>([
    ['that is none', keyIs(file('none.pem', 'hello')), 'none.pem is no private key in PEM'],
    [
      'that is public',
      keyIs(base64(rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString())),
      'no private key',
    ],
    ['with a passphrase', keyIs(base64(locked)), 'locked with a passphrase'],
    [
      'of 1024 bits',
      generated(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey),
      /RSA key of 1024 bits.*RFC 8301/,
    ],
    ['of another kind', generated(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey), 'of type ec'],
    ['of RSA-PSS', generated(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey), 'of type rsa-pss'],
    ['whose parts do not belong together', generated(damaged), 'is damaged'],
    ['that everybody can read', keyIs(file('open.pem', pemOf(ed25519), 0o644)), 'open.pem can be read or written by'],
    ['that everybody can write', keyIs(file('wide.pem', pemOf(ed25519), 0o602)), 'wide.pem can be read or written by'],
    ['that is not there', keyIs('/no/such/key.pem'), '/no/such/key.pem cannot be read'],
    ['that is a folder', keyIs(folder), 'is no file that holds a key'],
    ['that is a device', keyIs('/dev/zero'), 'is no file that holds a key'],
    ['that is too large', keyIs(file('large.pem', 'x'.repeat(70_000))), 'is no file that holds a key'],
    ['that is neither path nor PEM', keyIs('hello'), 'key= must be the absolute path of a PEM file'],
    ['without a domain', edValue.replace('domain=shop.example; ', ''), 'domain= is missing'],
    ['without a selector', edValue.replace('selector=ed; ', ''), 'selector= is missing'],
    ['that is not given', 'domain=shop.example; selector=s1', 'key= is missing'],
    ['of no domain', edValue.replace('shop.example', 'localhost'), 'domain= must be a domain'],
    ['of a bad selector', edValue.replace('selector=ed', 'selector=s_1'), 'selector= must be'],
    ['of a selector that would end the tag', edValue.replace('selector=ed', 'selector=s1 d=x'), 'selector= must be'],
    ['whose name is too long', edValue.replace('selector=ed', `selector=${'a.'.repeat(120)}a`), '253 characters'],
    ['with an option that there is not', `${edValue}; bits=2048`, 'a key is given as'],
    ['with a field given twice', `${edValue}; selector=s2`, 'a key is given as'],
    ['that stands alone', rsaFile, 'a key is given as'],
  ])('%s', (_, value, sentence) => {
    expect(read({ DKIM_KEY_SHOP: value })).toEqual([expect.stringMatching(/^DKIM_KEY_SHOP: .*[^.]$/)]);
    expect(read({ DKIM_KEY_SHOP: value })[0]).toMatch(sentence);
  });

  test('when another has its name, and with it all others: every fault is told', () => {
    const env = {
      DKIM_KEY: edValue,
      DKIM_KEY_B: edValue.replace('selector=ed', 'selector=ED'),
      DKIM_KEY_C: 'domain=localhost; selector=-; key=x',
    };
    expect(read(env)).toEqual([
      expect.stringMatching(/^DKIM_KEY_B: DKIM_KEY gives a key for ed\._domainkey\.shop\.example too/),
      expect.stringMatching(/^DKIM_KEY_C: domain=/),
      expect.stringMatching(/^DKIM_KEY_C: selector=/),
      expect.stringMatching(/^DKIM_KEY_C: key=/),
    ]);
  });
});

test('no refusal quotes what may be a secret', () => {
  const secret = 'Zm9vYmFyc2VjcmV0';
  fc.assert(
    fc.property(
      fc
        .array(fc.constantFrom(secret, 'domain=', 'selector=', 'key=', ';', '-----BEGIN ', 'shop.example', ' ', '\n'))
        .map((parts) => parts.join('')),
      (value) => {
        for (const sentence of read({ DKIM_KEY: value })) expect(sentence).not.toContain(secret);
      },
    ),
  );
});
