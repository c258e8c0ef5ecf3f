import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dataFolder } from '../../src/local/data-folder.js';
import { keptPort } from '../../src/local/kept-port.js';
import { temporaryFolder } from './temporary-folder.js';

const newFolder = () => dataFolder({ SEALPOST_HOME: temporaryFolder() });

/** Somebody who listens on a port of the system's choice. */
async function listener(): Promise<{ port: number; close: () => Promise<unknown> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => once(server.close(), 'close');
  return { port: (server.address() as AddressInfo).port, close };
}

test('a part has the same port again, whatever is usual', async () => {
  const folder = newFolder();
  const first = await keptPort(folder, 'postgres', 0);
  expect(await keptPort(folder, 'postgres', 0)).toBe(first);
  expect(await keptPort(folder, 'temporal', 0)).not.toBe(first);
  expect(await keptPort(folder, 'postgres', 0)).toBe(first);
});

test('one that somebody has taken is given up, and its successor kept', async () => {
  const folder = newFolder();
  const other = await listener();
  const mine = await keptPort(folder, 'inbox', other.port);
  expect(mine).not.toBe(other.port);
  await other.close();
  expect(await keptPort(folder, 'inbox', other.port)).toBe(mine);
});

test('a file that says something else counts for nothing', async () => {
  const folder = newFolder();
  writeFileSync(folder.portsFile, '{"inbox": 700000}');
  expect(await keptPort(folder, 'inbox', 0)).toBeLessThan(65_536);
});
