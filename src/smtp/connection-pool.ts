import { setMaxListeners } from 'node:events';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { openConnection } from './open-connection.js';
import type { RelayOptions } from './relay-url.js';
import {
  defaultTransactionTimeouts,
  sendMessage,
  type Envelope,
  type TransactionResult,
  type TransactionTimeouts,
} from './transaction.js';

export interface PoolOptions {
  /** Most messages that may wait for a connection. The caller claims no more than it can send. @default 1000 */
  maxWaiting?: number;
  /** Milliseconds to connect, start TLS and log in. @default 60000 */
  openTimeout?: number;
  /** Milliseconds after which a connection without work says QUIT. @default 5000 */
  idleTimeout?: number;
  /** Milliseconds without new connections after one failed; doubles up to the second value. @default [1000, 30000] */
  backOff?: readonly [first: number, longest: number];
  timeouts?: TransactionTimeouts;
}

/** Milliseconds for the answer to QUIT; nothing depends on it. */
const quitTimeout = 2_000;

interface Job {
  envelope: Envelope;
  bytes: Buffer;
  resolve(result: TransactionResult): void;
  /** It met a connection that had died unnoticed, and was put back once. */
  putBack: boolean;
}

interface Session {
  connection: SMTPConnection;
  /** Transactions so far. */
  used: number;
  idleTimer?: NodeJS.Timeout;
  ended: boolean;
}

/**
 * Connections to one relay, opened as messages wait and kept while they come. Each `send` is one attempt and one
 * result: nothing is tried again unseen, but for a message that met a connection which had died or was closed (421)
 * since its last use. Nothing was handed over then, and it moves to another connection once.
 */
export class ConnectionPool {
  readonly #relay: RelayOptions;
  readonly #options: Required<PoolOptions>;
  readonly #waiting: Job[] = [];
  readonly #sessions = new Set<Session>();
  /** The last one to finish is the first to go on, so that the others can close when there is less to do. */
  readonly #idle: Session[] = [];
  #opening = 0;
  #closing = false;
  readonly #abortion = new AbortController();
  #drained: (() => void)[] = [];
  /** Since the relay last let us in. */
  #failures = 0;
  #lastFault = '';
  /** On the monotonic clock. */
  #noOpeningBefore = 0;

  constructor(relay: RelayOptions, options: PoolOptions = {}) {
    this.#relay = relay;
    // Every connection being opened listens.
    setMaxListeners(0, this.#abortion.signal);
    this.#options = {
      maxWaiting: 1_000,
      openTimeout: 60_000,
      idleTimeout: 5_000,
      backOff: [1_000, 30_000],
      timeouts: defaultTransactionTimeouts,
      ...options,
    };
  }

  /** How many connections are open. */
  get open(): number {
    return this.#sessions.size;
  }

  /**
   * One attempt at one message. Never rejects for what the relay does: see {@link TransactionResult}. Where the relay
   * is down, whatever waits is `deferred` with `relayFault` at once.
   *
   * @throws Error when the pool is closed or `maxWaiting` is exceeded, which are mistakes of the caller's
   */
  send(envelope: Envelope, bytes: Buffer): Promise<TransactionResult> {
    if (this.#closing) return Promise.reject(new Error('this connection pool is closed'));
    if (this.#waiting.length >= this.#options.maxWaiting) {
      return Promise.reject(
        new Error(`more than ${this.#options.maxWaiting} messages wait for a connection: send fewer at a time`),
      );
    }
    return new Promise((resolve) => {
      this.#waiting.push({ envelope, bytes, resolve, putBack: false });
      this.#dispatch();
    });
  }

  /** Finishes what was begun or waits, then says QUIT on every connection. */
  close(): Promise<void> {
    this.#closing = true;
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#settleDown();
    });
  }

  /**
   * Drops all connections now, for a worker that must stop. Messages being sent end as their stage says (in doubt after
   * `354`), waiting ones as `deferred`.
   */
  abort(): Promise<void> {
    const closed = this.close();
    this.#abortion.abort();
    this.#failWaiting('sending was stopped before this message was begun');
    for (const session of this.#sessions) session.connection.close();
    return closed;
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const session = this.#idle.pop();
      if (!session) break;
      const job = this.#waiting.shift();
      if (job) void this.#run(session, job);
    }
    while (this.#opening < this.#waiting.length && this.#sessions.size + this.#opening < this.#relay.connections) {
      if (performance.now() < this.#noOpeningBefore) break;
      void this.#openSession();
    }
    if (this.#sessions.size + this.#opening === 0) this.#failWaiting(this.#lastFault);
    this.#settleDown();
  }

  async #openSession(): Promise<void> {
    this.#opening += 1;
    try {
      this.#admit(await openConnection(this.#relay, this.#options.openTimeout, this.#abortion.signal));
      this.#failures = 0;
    } catch (error) {
      this.#lastFault = error instanceof Error ? error.message : String(error);
      this.#holdOff();
    } finally {
      this.#opening -= 1;
    }
    // Others may have been let in: a relay that grants fewer connections than we want is no relay that is down.
    if (this.#sessions.size + this.#opening === 0) this.#failWaiting(this.#lastFault);
    this.#dispatch();
  }

  #admit(connection: SMTPConnection): void {
    const session: Session = { connection, used: 0, ended: false };
    // A transaction listens for itself; between transactions an error only ends the session.
    connection.on('error', () => undefined);
    connection.once('end', () => this.#forget(session));
    this.#sessions.add(session);
    this.#idle.push(session);
  }

  /** Connections opened together fail together: that is one failure. */
  #holdOff(): void {
    const now = performance.now();
    if (now < this.#noOpeningBefore) return;
    const [first, longest] = this.#options.backOff;
    this.#noOpeningBefore = now + Math.min(longest, first * 2 ** this.#failures);
    this.#failures += 1;
  }

  async #run(session: Session, job: Job): Promise<void> {
    clearTimeout(session.idleTimer);
    const result = await sendMessage(session.connection, job.envelope, job.bytes, this.#options.timeouts);
    session.used += 1;
    const diedUnused = session.ended && session.used > 1 && result.outcome === 'deferred' && result.relayFault === true;
    if (diedUnused && !job.putBack && !this.#abortion.signal.aborted) {
      job.putBack = true;
      this.#waiting.unshift(job);
    } else {
      job.resolve(result);
    }
    await this.#release(session, result.outcome === 'sent');
    this.#dispatch();
  }

  /** Makes a session ready for its next message, or ends it. */
  async #release(session: Session, clean: boolean): Promise<void> {
    if (session.ended) return;
    const spent = session.used >= (this.#relay.messagesPerConnection ?? Infinity);
    if (spent || !(clean || (await reset(session.connection)))) return this.#quit(session);
    session.idleTimer = setTimeout(() => this.#quit(session), this.#options.idleTimeout);
    this.#idle.push(session);
  }

  /** It counts as open until the relay has let go of it. */
  #quit(session: Session): void {
    this.#withdraw(session);
    if (session.ended) return;
    // It ended before anybody listened.
    if (session.connection.destroyed) return this.#forget(session);
    const timer = setTimeout(() => session.connection.close(), quitTimeout);
    session.connection.once('end', () => clearTimeout(timer));
    session.connection.quit();
  }

  #forget(session: Session): void {
    session.ended = true;
    this.#withdraw(session);
    this.#sessions.delete(session);
    this.#dispatch();
  }

  #withdraw(session: Session): void {
    clearTimeout(session.idleTimer);
    const at = this.#idle.indexOf(session);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  #failWaiting(reply: string): void {
    for (const job of this.#waiting.splice(0))
      job.resolve({ outcome: 'deferred', reason: 'unreachable', reply, relayFault: true });
  }

  /** When closing and nothing is left to do, ends the connections and tells who waits for that. */
  #settleDown(): void {
    if (!this.#closing || this.#waiting.length > 0 || this.#opening > 0) return;
    for (const session of this.#idle.slice()) this.#quit(session);
    if (this.#sessions.size > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}

/** Ends a transaction that the relay refused halfway: MAIL inside of one is an error (RFC 5321 §4.1.4). */
function reset(connection: SMTPConnection): Promise<boolean> {
  return new Promise((resolve) => {
    const onEnd = () => resolve(false);
    connection.once('end', onEnd);
    connection.reset((error) => {
      connection.off('end', onEnd);
      resolve(!error);
    });
  });
}
