import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { isErrno } from './process-identity.js';

/**
 * Systems give ports from 32768 (Linux) or 49152 on to whoever asks for any, connections to others too: one of those could
 * be gone again before the part that it is for has come up.
 */
const [lowest, highest] = [20_000, 32_000];
let next = randomInt(lowest, highest);
const attempts = 100;

/**
 * @param preferred - 0 for any
 * @returns the preferred port of 127.0.0.1 if nobody listens there, else a free one. It may be taken until it is used:
 *   whoever listens then must be ready to fail
 */
export async function freePort(preferred: number): Promise<number> {
  const wanted = preferred === 0 ? undefined : await tryPort(preferred);
  if (wanted !== undefined) return wanted;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    next = next < highest ? next + 1 : lowest;
    const port = await tryPort(next);
    if (port !== undefined) return port;
  }
  return (await tryPort(0)) ?? Promise.reject(new Error('127.0.0.1 has no free port'));
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (isErrno(error, 'EADDRINUSE', 'EACCES') ? resolve(undefined) : reject(error)));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address && typeof address === 'object' ? address.port : undefined));
    });
  });
}
