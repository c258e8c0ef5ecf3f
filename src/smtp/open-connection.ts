import { Socket } from 'node:net';
import type { NodemailerError } from 'nodemailer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { z } from 'zod';
import { readCapabilities, type RelayCapabilities } from './relay-capabilities.js';
import { oneLineReply } from './reply-line.js';
import type { RelayOptions } from './relay-url.js';

/** A relay could not be reached, or would not let us in. The message says why, without user and password. */
export class RelayUnavailableError extends Error {
  override readonly name = 'RelayUnavailableError';

  /**
   * @param loginRefused - for good (5xx): the same login again does nothing but raise suspicion
   * @param ofTls - it was granted STARTTLS, and the handshake failed
   */
  constructor(
    message: string,
    readonly loginRefused = false,
    readonly ofTls = false,
  ) {
    super(message);
  }
}

/** A connection on which the next word is ours. */
export interface OpenedConnection {
  socket: Socket;
  capabilities: RelayCapabilities;
}

/**
 * Connects, greets, starts TLS and logs in. Nothing of a message is said yet: `kill -9` here costs nothing.
 *
 * @param timeout - milliseconds for all of it
 * @param signal - gives up at once
 * @param socket - connected already; without it, to the relay's host
 * @returns a connection to which nodemailer still listens, until {@link takeOver}
 * @throws RelayUnavailableError
 */
export function openConnection(
  relay: RelayOptions,
  timeout: number,
  signal: AbortSignal,
  socket?: Socket,
): Promise<SMTPConnection> {
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
    ...(socket && { connection: socket }),
  });
  return new Promise((resolve, reject) => {
    const fail = (error: NodemailerError | { message: string }) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      connection.close();
      reject(unavailable(relay, error, connection.upgrading));
    };
    const timer = setTimeout(() => fail({ message: `no answer within ${timeout / 1_000} s` }), timeout);
    const onAbort = () => fail({ message: 'sending was stopped' });
    signal.addEventListener('abort', onAbort);
    const succeed = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      connection.off('end', onEnd);
      resolve(connection);
    };
    const onEnd = () => queueMicrotask(() => fail({ message: 'the connection was closed' }));
    // Once settled, later errors find a promise that does not care; without a listener they would end the process.
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

const listener = z.custom<(...given: unknown[]) => void>((value) => typeof value === 'function');

/** What we need of nodemailer's own. Another version may have it otherwise: then no connection opens, and says why. */
const internalsSchema = z.object({
  _socket: z.instanceof(Socket),
  _onSocketData: listener,
  _onSocketEnd: listener,
  _onSocketTimeout: listener,
  _onSocketClose: listener,
  _onSocketError: listener,
  /** Of the reply to EHLO; absent where the relay knows only HELO. */
  _ehloLines: z.array(z.string()).default([]),
  /** Replies that nobody has read yet, and the line that is coming in. */
  _responseQueue: z.array(z.string()),
  _remainder: z.string(),
});

/**
 * Takes the socket from nodemailer, which would send a message piece by piece and with a round trip more. Its listeners
 * are detached one by one, for Node has its own on the socket, and would destroy it after the first reply to us.
 *
 * Whoever gets the socket must listen to its `error` at once.
 *
 * @throws RelayUnavailableError when the connection has ended meanwhile, or the relay said what nobody asked for
 */
export function takeOver(connection: SMTPConnection, relay: RelayOptions): OpenedConnection {
  const internals = internalsSchema.safeParse(connection);
  if (connection.destroyed || !internals.success) {
    connection.close();
    const what = connection.destroyed
      ? 'the connection was closed'
      : 'this version of nodemailer keeps its socket otherwise';
    throw unavailable(relay, { message: what });
  }
  const { _socket: socket, _ehloLines: lines, ...own } = internals.data;
  const unasked = [...own._responseQueue, own._remainder].join(' ').trim();
  if (unasked !== '') {
    connection.close();
    throw unavailable(relay, { message: `the relay said out of turn: ${unasked}` });
  }
  socket.off('data', own._onSocketData);
  socket.off('end', own._onSocketEnd);
  socket.off('timeout', own._onSocketTimeout);
  socket.off('close', own._onSocketClose);
  socket.off('error', own._onSocketError);
  socket.setTimeout(0);
  // Whatever it may still have in mind finds nothing to do it with.
  connection._socket = null;
  return { socket, capabilities: readCapabilities(lines) };
}

interface OpeningFault {
  message: string;
  response?: string | undefined;
  command?: string | undefined;
  /** Node's own, where nodemailer has put another in its place. */
  originalCode?: unknown;
}

function unavailable(relay: RelayOptions, error: OpeningFault, ofTls = false): RelayUnavailableError {
  const ofLogin = error.command?.startsWith('AUTH') === true;
  const said = error.response ?? certificateFaults[String(error.originalCode)] ?? error.message;
  return new RelayUnavailableError(
    oneLineReply(`${ofLogin ? 'the relay refused the login: ' : ''}${said} (${relay.host}:${relay.port})`),
    ofLogin && error.response?.startsWith('5') === true,
    ofTls,
  );
}

const untrusted =
  "nobody whom this machine trusts vouches for the relay's certificate: name its issuer in NODE_EXTRA_CA_CERTS";

/** Node's codes of certificates that do not hold (`tls`, "X509 certificate error codes"), as an operator needs to hear them. */
const certificateFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the relay's certificate has expired: whoever runs the relay must renew it",
  CERT_NOT_YET_VALID: "the relay's certificate is not valid yet: look at the clocks of both machines",
  ERR_TLS_CERT_ALTNAME_INVALID: "the relay's certificate is for another name than the one in its URL",
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
};
