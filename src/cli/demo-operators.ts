import { join } from 'node:path';
import type { Sealpost } from '../client/index.js';
import type { Cli } from './command.js';
import { keysFolder } from './environment.js';

/**
 * Adds the people of the demo whom nobody has added, with keys that have no passphrase: whoever tries it has nothing to
 * set up. An operator who is there stays as he is.
 */
export async function addDemoOperators(
  { env, terminal }: Cli,
  sealpost: Sealpost,
  ids: readonly string[],
): Promise<void> {
  const { makeOperatorKey } = await import('../client/operator-keys.js');
  const known = new Set((await sealpost.operators.list()).map(({ id }) => id));
  const missing = ids.filter((id) => !known.has(id));
  for (const id of missing) {
    await sealpost.operators.put({ id, name: id, roles: ['approver'] }, id);
    const key = await makeOperatorKey(join(keysFolder(env), `${id}.pem`), undefined);
    await sealpost.operators.addKey(id, { key, label: 'demo' }, id);
  }
  if (missing.length === 0) return;
  const names = missing.map((id) => `"${id}"`).join(', ');
  terminal.print(`To sign with, keys without passphrases are made in ${keysFolder(env)}: ${names}.`);
}
