import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { shellQuoted } from '../../src/cli/env.js';
import { maskPassword, resolveEnvironment } from '../../src/cli/environment.js';
import { operatorOf } from '../../src/cli/operator.js';
import { dataFolder } from '../../src/local/data-folder.js';
import { identify } from '../../src/local/process-identity.js';
import { writeStackFile } from '../../src/local/stack-file.js';
import { temporaryFolder } from '../local/temporary-folder.js';

const stack = {
  temporalAddress: '127.0.0.1:7233',
  databaseUrl: 'postgresql://sealpost:pw@127.0.0.1:5433/sealpost',
  smtpUrl: 'smtp://127.0.0.1:2525',
};

/** An environment whose data folder has a running stack: this very process is its supervisor. */
function withStack(own: { migrateUrl?: string } = {}): { SEALPOST_HOME: string; HOME: string } {
  const home = join(temporaryFolder(), 'data');
  mkdirSync(home);
  writeStackFile(dataFolder({ SEALPOST_HOME: home }), { supervisor: identify(process.pid), ...stack, ...own });
  return { SEALPOST_HOME: home, HOME: home };
}

describe('the environment', () => {
  test('takes from the running stack what is not named', async () => {
    expect(await resolveEnvironment(withStack())).toMatchObject({
      TEMPORAL_ADDRESS: stack.temporalAddress,
      DATABASE_URL: stack.databaseUrl,
      SMTP_URL: stack.smtpUrl,
    });
  });

  test('keeps what is named', async () => {
    const named = { TEMPORAL_ADDRESS: 'temporal.example:7233', DATABASE_URL: 'postgres://db.example/x' };
    expect(await resolveEnvironment({ ...withStack(), ...named })).toMatchObject(named);
  });

  test('never names one database for deliveries and the owner of another one', async () => {
    const migrateUrl = 'postgresql://owner:pw@127.0.0.1:5433/sealpost';
    const env = withStack({ migrateUrl });
    const named = { DATABASE_URL: 'postgres://db.example/x' };
    expect((await resolveEnvironment({ ...env, ...named }))['SEALPOST_MIGRATE_URL']).toBeUndefined();
    const stale = await resolveEnvironment({ ...env, SEALPOST_MIGRATE_URL: 'postgres://owner@db.example/x' });
    expect(stale).toMatchObject({ DATABASE_URL: stack.databaseUrl, SEALPOST_MIGRATE_URL: migrateUrl });
  });

  test('takes empty variables as not named', async () => {
    const resolved = await resolveEnvironment({ ...withStack(), DATABASE_URL: '', TEMPORAL_ADDRESS: '' });
    expect(resolved).toMatchObject({ DATABASE_URL: stack.databaseUrl, TEMPORAL_ADDRESS: stack.temporalAddress });
  });

  test('names nothing where no stack runs', async () => {
    expect(await resolveEnvironment({ SEALPOST_HOME: '/nowhere' })).toEqual({ SEALPOST_HOME: '/nowhere' });
  });

  test.each(['mysql://db.example/x', 'db.example', 'postgres://db.example:port/x'])('refuses %s', async (url) => {
    const refusal = resolveEnvironment({ SEALPOST_HOME: '/nowhere', DATABASE_URL: url });
    await expect(refusal).rejects.toMatchObject({ code: 'USAGE' });
  });
});

test.each([
  ['postgres://user:secret@db.example/x', 'postgres://user:****@db.example/x'],
  ['smtp://127.0.0.1:2525', 'smtp://127.0.0.1:2525'],
  ['smtps://user:se/cret@relay', 'smtps://****@relay'],
])('%s is shown as %s', (url, shown) => {
  expect(maskPassword(url)).toBe(shown);
});

test('a shell reads every value back as it was', () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from('\'"$`\\ \n!a')) });
  fc.assert(
    fc.property(text, (value) => {
      const read = execFileSync('/bin/sh', ['-c', `value=${shellQuoted(value)}; printf %s "$value"`], {
        encoding: 'utf8',
      });
      return read === value;
    }),
    { numRuns: 30 },
  );
});

describe('the operator', () => {
  test('is named by the option, else by the environment', async () => {
    expect(await operatorOf('publisher', { SEALPOST_OPERATOR: 'approver' })).toBe('publisher');
    expect(await operatorOf(undefined, { SEALPOST_OPERATOR: 'approver' })).toBe('approver');
  });

  test.each(['a@b.example', 'two words', ''])('%j is none', async (id) => {
    await expect(operatorOf(id, {})).rejects.toMatchObject({ code: 'USAGE' });
  });
});
