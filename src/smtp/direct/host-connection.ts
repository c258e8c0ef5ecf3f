import { connect, type Socket } from 'node:net';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { openConnection, RelayUnavailableError } from '../open-connection.js';
import type { RelayOptions } from '../relay-url.js';

/** Milliseconds for one address to take a connection: four tries of Linux. */
const connectTimeout = 15_000;

/**
 * Connects to a mail host, at the first of its addresses that lets us in. A host whose TLS fails is tried without it, where
 * TLS is only opportunistic (RFC 7435 §3). Killed in it, nothing of a message was said.
 *
 * @param timeout - milliseconds for each address
 * @throws RelayUnavailableError of the last address
 */
export async function connectToHost(
  host: RelayOptions,
  addresses: readonly string[],
  timeout: number,
  signal: AbortSignal,
): Promise<SMTPConnection> {
  let fault = new RelayUnavailableError(`${host.host} has no address`);
  for (const address of addresses) {
    try {
      return await connectAt(address, host, timeout, signal);
    } catch (error) {
      if (!(error instanceof RelayUnavailableError)) throw error;
      fault = error;
      if (signal.aborted) break;
    }
  }
  throw fault;
}

async function connectAt(
  address: string,
  host: RelayOptions,
  timeout: number,
  signal: AbortSignal,
): Promise<SMTPConnection> {
  const socket = await connectSocket(address, host, Math.min(timeout, connectTimeout), signal);
  try {
    return await openConnection(host, timeout, signal, socket);
  } catch (error) {
    const mayBePlain = error instanceof RelayUnavailableError && error.ofTls && host.tls === 'opportunistic';
    if (!mayBePlain || signal.aborted) throw error;
    return await connectAt(address, { ...host, tls: 'none' }, timeout, signal);
  }
}

function connectSocket(
  address: string,
  { host, port }: RelayOptions,
  timeout: number,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      socket.off('error', refused);
      end();
    };
    const fail = (what: string): void =>
      settle(() => {
        socket.destroy();
        reject(new RelayUnavailableError(`${what} (${host}:${port})`));
      });
    const refused = (error: NodeJS.ErrnoException): void =>
      fail(`${address} takes no connection: ${error.code ?? error.message}`);
    const stop = (): void => fail('sending was stopped');
    const timer = setTimeout(() => fail(`${address} took no connection within ${timeout / 1_000} s`), timeout);
    signal.addEventListener('abort', stop);
    socket.once('error', refused);
    socket.once('connect', () => settle(() => resolve(socket)));
  });
}
