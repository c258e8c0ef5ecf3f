import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSystemKey } from '../../src/audit/system-key.js';
import { runCli } from '../../src/cli/program.js';
import { recordedTerminal } from './recorded-terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'sealpost-key-'));
const file = join(folder, 'key.pem');
afterAll(() => rmSync(folder, { recursive: true }));

async function run(args: string[], env: Record<string, string>) {
  const recorded = recordedTerminal();
  const code = await runCli(['audit', ...args], {
    env: { SEALPOST_HOME: '/nowhere', ...env },
    terminal: recorded.terminal,
  });
  return { code, out: recorded.out(), err: recorded.err() };
}

function keyFile(pem: string, mode = 0o600): Record<string, string> {
  writeFileSync(file, pem);
  chmodSync(file, mode);
  return { SEALPOST_SYSTEM_KEY: file };
}

// The key pair of RFC 8037, appendix A.
const known = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
`;

test('prints the public half and its thumbprint, and nothing of the private one', async () => {
  const { out, code } = await run(['key', '--json'], keyFile(known));
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    publicKey: { crv: 'Ed25519', kty: 'OKP', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    thumbprint: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  });
  expect((await run(['key'], keyFile(known))).out).toMatch(/^public key {2}\{.*\}\nthumbprint {2}kPrK_/);
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });

test.each<[what: string, env: () => Record<string, string>, says: RegExp, code: number]>([
  ['of another kind', () => keyFile(rsa.toString()), /must hold an Ed25519 private key/, 2],
  ['that is none', () => keyFile('secret words'), /must hold an Ed25519 private key/, 2],
  ['that others can read', () => keyFile(makeSystemKey(), 0o640), /can be read by others/, 2],
  ['that is not there', () => ({ SEALPOST_SYSTEM_KEY: join(folder, 'none') }), /cannot be read \(ENOENT\)/, 2],
  ['that nobody names', () => ({ DATABASE_URL: 'postgres://a@b/c' }), /openssl genpkey -algorithm ed25519/, 3],
])('a key %s is refused in a sentence', async (_, env, says, code) => {
  const refused = await run(['key'], env());
  expect(refused).toEqual({ code, out: '', err: expect.stringMatching(says) });
  expect(refused.err).not.toMatch(/secret words|BEGIN/);
});

test.each([
  [['verify'], /Name a bundle, or --message with --proof/],
  [['verify', file, '--proof', file, '--message', file], /Name a bundle, or --message with --proof/],
  [['verify', file, '--key', join(folder, 'none')], /cannot be read \(ENOENT\)/],
  [['verify', file, '--key', file], /holds no Ed25519 public key/],
])('%s is wrong usage', async (args, says) => {
  keyFile(known);
  expect(await run(args, {})).toEqual({ code: 2, out: '', err: expect.stringMatching(says) });
});
