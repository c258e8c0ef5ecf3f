import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporalPage } from '../../src/cli/temporal-page.js';
import { dataFolder } from '../../src/local/data-folder.js';
import { identify } from '../../src/local/process-identity.js';
import { writeStackFile } from '../../src/local/stack-file.js';
import { temporaryFolder } from '../local/temporary-folder.js';

const delivery = { workflowId: 'delivery:news' };

function stackWith(ui: { temporalUiUrl?: string }): { SEALPOST_HOME: string } {
  const SEALPOST_HOME = join(temporaryFolder(), 'data');
  mkdirSync(SEALPOST_HOME);
  const rest = { temporalAddress: '127.0.0.1:7233', databaseUrl: 'postgresql://x', smtpUrl: 'smtp://y' };
  writeStackFile(dataFolder({ SEALPOST_HOME }), { supervisor: identify(process.pid), ...rest, ...ui });
  return { SEALPOST_HOME };
}

const withUi = { temporalUiUrl: 'http://127.0.0.1:8233' };

test.each([
  [{}, 'default'],
  [{ TEMPORAL_ADDRESS: '127.0.0.1:7233', TEMPORAL_NAMESPACE: 'a b' }, 'a%20b'],
])('with %j a delivery has its page', (env, namespace) => {
  expect(temporalPage(delivery, { ...stackWith(withUi), ...env })).toBe(
    `http://127.0.0.1:8233/namespaces/${namespace}/workflows/delivery%3Anews`,
  );
});

test.each([
  ['no stack runs', { SEALPOST_HOME: '/nowhere' }],
  ['its Temporal was given', stackWith({})],
  ['another server is named', { ...stackWith(withUi), TEMPORAL_ADDRESS: 'temporal.example:7233' }],
])('where %s, nobody knows of one', (_why, env) => {
  expect(temporalPage(delivery, env)).toBeUndefined();
});
