import { createServer } from 'node:net';
import { isErrno } from './process-identity.js';

/**
 * @returns the preferred port of 127.0.0.1 if nobody listens there, else a free one. It may be taken until it is used:
 *   whoever listens then must be ready to fail
 */
export async function freePort(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0)) ?? Promise.reject(new Error('127.0.0.1 has no free port'));
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
