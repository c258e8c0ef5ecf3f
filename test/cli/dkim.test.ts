import { runCli } from '../../src/cli/program.js';
import { keyVariable, makeKey } from '../mime/verify-dkim.js';
import { recordedTerminal } from './recorded-terminal.js';

async function run(args: string[], env: Record<string, string>) {
  const recorded = recordedTerminal();
  const exitCode = await runCli(['dkim', ...args], { env, terminal: recorded.terminal });
  return { exitCode, out: recorded.out(), err: recorded.err() };
}

const [rsa, ed25519] = [makeKey('rsa-sha256'), makeKey('ed25519-sha256')];
const env = { DKIM_KEY_A: keyVariable(ed25519), DKIM_KEY_B: keyVariable(rsa) };

test('the records stand as a zone file has them, in strings that DNS can hold', async () => {
  const { exitCode, out } = await run([], env);
  expect(exitCode).toBe(0);
  const records = out.split('\n').filter((line) => line.includes(' IN TXT '));
  expect(records).toEqual([
    expect.stringMatching(/^rsa\._domainkey\.shop\.example\. IN TXT "v=DKIM1; k=rsa; p=MIIB[^"]+" "[^"]+"$/),
    expect.stringMatching(/^ed2\._domainkey\.shop\.example\. IN TXT "v=DKIM1; k=ed25519; p=[^"]+"$/),
  ]);
  for (const [, text = ''] of out.matchAll(/"([^"]*)"/g)) expect(text.length).toBeLessThanOrEqual(255);
});

test('as JSON they hold each record whole, and no private key', async () => {
  const { out } = await run(['--json'], env);
  expect(JSON.parse(out)).toEqual([
    {
      domain: 'shop.example',
      selector: 'rsa',
      algorithm: 'rsa-sha256',
      name: 'rsa._domainkey.shop.example',
      record: expect.stringMatching(/^v=DKIM1; k=rsa; p=[A-Za-z0-9+/]{392}$/),
    },
    expect.objectContaining({ selector: 'ed2', algorithm: 'ed25519-sha256' }),
  ]);
});

test('without keys it says how to give some', async () => {
  expect(await run([], {})).toMatchObject({ exitCode: 0, out: expect.stringContaining('sealpost dkim --help') });
  expect((await run(['--json'], {})).out).toBe('[]\n');
});

test('faults are told all at once, as bad input', async () => {
  const bad = { DKIM_KEY_A: 'domain=shop.example; selector=s1; key=/no/key.pem', DKIM_KEY_B: 'x' };
  const { exitCode, err } = await run([], bad);
  expect({ exitCode, lines: err.trim().split('\n').length }).toEqual({ exitCode: 2, lines: 2 });
  expect(err).toMatch(/^sealpost: DKIM_KEY_A: \/no\/key\.pem cannot be read/);
  expect(JSON.parse((await run(['--json'], bad)).err)).toMatchObject({
    error: { code: 'USAGE', faults: [{ variable: 'DKIM_KEY_A' }, { variable: 'DKIM_KEY_B' }] },
  });
});
