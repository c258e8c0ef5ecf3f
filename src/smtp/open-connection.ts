import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { NodemailerError } from 'nodemailer';
import { oneLineReply } from './reply-line.js';
import type { RelayOptions } from './relay-url.js';

/** A relay could not be reached, or would not let us in. The message says why, without user and password. */
class RelayUnavailableError extends Error {
  override readonly name = 'RelayUnavailableError';
}

/**
 * Connects, greets, starts TLS and logs in. Nothing of a message is said yet: `kill -9` here costs nothing.
 *
 * @param timeout - milliseconds for all of it
 * @param signal - gives up at once
 * @returns an open connection; whoever gets it must keep an `error` listener on it
 * @throws RelayUnavailableError
 */
export function openConnection(relay: RelayOptions, timeout: number, signal: AbortSignal): Promise<SMTPConnection> {
  const connection = new SMTPConnection({
    host: relay.host,
    port: relay.port,
    secure: relay.secure,
    ignoreTLS: relay.tls === 'none',
    requireTLS: relay.tls === 'required' && !relay.secure,
    opportunisticTLS: relay.tls === 'opportunistic',
    // RFC 7435 §1.2: where plain text would do, a certificate that nobody vouches for is still better than none.
    tls: { rejectUnauthorized: relay.tls !== 'opportunistic' },
    name: relay.ehloName,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
  });
  return new Promise((resolve, reject) => {
    const fail = (error: NodemailerError | { message: string }) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      connection.close();
      reject(new RelayUnavailableError(describe(relay, error)));
    };
    const timer = setTimeout(() => fail({ message: `no answer within ${timeout / 1_000} s` }), timeout);
    const onAbort = () => fail({ message: 'sending was stopped' });
    signal.addEventListener('abort', onAbort);
    const succeed = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      connection.off('error', fail);
      connection.off('end', onEnd);
      resolve(connection);
    };
    const onEnd = () => queueMicrotask(() => fail({ message: 'the connection was closed' }));
    // Once settled, later errors find a promise that does not care.
    connection.on('error', fail);
    connection.once('end', onEnd);
    connection.connect((error) => {
      if (error) return fail(error);
      if (!relay.auth) return succeed();
      if (!connection.allowsAuth) return fail({ message: 'the relay offers no login (AUTH), but its URL has a user' });
      connection.login({ ...relay.auth }, (refusal) => (refusal ? fail(refusal) : succeed()));
    });
  });
}

function describe(
  relay: RelayOptions,
  error: { message: string; response?: string | undefined; command?: string | undefined },
): string {
  const what = error.command?.startsWith('AUTH') === true ? 'the relay refused the login: ' : '';
  return oneLineReply(`${what}${error.response ?? error.message} (${relay.host}:${relay.port})`);
}
