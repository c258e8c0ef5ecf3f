import { setMaxListeners } from 'node:events';
import { ConnectionShare, type Sharer } from './connection-share.js';
import type { Job } from './dialogue.js';
import { openConnection, RelayUnavailableError, takeOver } from './open-connection.js';
import type { RelayOptions } from './relay-url.js';
import { SmtpSession, type SessionOwner, type SessionTimeouts } from './smtp-session.js';
import {
  defaultTransactionTimeouts,
  type Envelope,
  type TransactionResult,
  type TransactionTimeouts,
  type TrialResult,
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
  /**
   * Milliseconds without new connections after the relay refused the login for good: many relays lock out whoever tries
   * again and again. @default 300000
   */
  loginBackOff?: number;
  timeouts?: TransactionTimeouts;
  /** How connections are opened. @default openConnection */
  open?: typeof openConnection;
  /** With whom it shares connections. @default nobody */
  share?: ConnectionShare;
}

/** A message was given back, and nothing of it was said: `mayBegin` said no, or the pool may open no connection any more. */
export class NotBegunError extends Error {
  override readonly name = 'NotBegunError';
}

const always = (): boolean => true;

interface PooledJob extends Job {
  mayBegin: () => boolean;
  giveBack(): void;
}

/**
 * Connections to one relay, opened as messages wait and kept while they come. Each `send` is one attempt and one
 * result: nothing is tried again unseen, but for a message that met a connection which died or was closed (421) after
 * others had gone over it. Nothing was handed over then, and it moves to a new connection, once.
 */
export class ConnectionPool implements Sharer {
  readonly #relay: RelayOptions;
  readonly #options: Required<Omit<PoolOptions, 'share'>>;
  readonly #sessionTimeouts: SessionTimeouts;
  readonly #waiting: PooledJob[] = [];
  /** Those that met the end of a connection. They wait for a new one: another old one may be about to end too. */
  readonly #again: PooledJob[] = [];
  /** All that have ever been among those. */
  readonly #putBack = new WeakSet<Job>();
  /** Those that are giving their connection up. */
  readonly #leaving = new Set<SmtpSession>();
  readonly #share: ConnectionShare;
  readonly #sessions = new Set<SmtpSession>();
  /** The last one to finish is the first to go on, so that the others can close when there is less to do. */
  readonly #idle: SmtpSession[] = [];
  #opening = 0;
  /** It took our last connection, and one is open. Else they are opened one at a time: of bad logins one is enough. */
  #letIn = false;
  #closing = false;
  readonly #abortion = new AbortController();
  #drained: (() => void)[] = [];
  /** Since the relay last let us in. */
  #failures = 0;
  #lastFault = '';
  /** On the monotonic clock. */
  #noOpeningBefore = 0;
  /** Others have all the connections that there may be. */
  #waitsForShare = false;

  constructor(relay: RelayOptions, options: PoolOptions = {}) {
    this.#relay = relay;
    this.#share = options.share ?? new ConnectionShare(Infinity);
    // Every connection being opened listens.
    setMaxListeners(0, this.#abortion.signal);
    this.#options = {
      maxWaiting: 1_000,
      openTimeout: 60_000,
      idleTimeout: 5_000,
      backOff: [1_000, 30_000],
      loginBackOff: 300_000,
      timeouts: defaultTransactionTimeouts,
      open: openConnection,
      ...options,
    };
    this.#sessionTimeouts = { ...this.#options.timeouts, idle: this.#options.idleTimeout };
  }

  /** How many connections are open. */
  get open(): number {
    return this.#sessions.size;
  }

  /** How many count for the other side: those that are being opened, and those that are not closed yet, too. */
  get occupied(): number {
    return this.#sessions.size + this.#opening;
  }

  dropIdle(): void {
    const session = this.#idle.pop();
    if (session) this.#leave(session);
  }

  reconsider(): void {
    while (this.#idle.length > 0 && this.#share.isExceeded) this.dropIdle();
    this.#dispatch();
  }

  /**
   * One attempt at one message. Never rejects for what the relay does: see {@link TransactionResult}. Where the relay
   * is down, whatever waits is `deferred` with `relayFault` at once.
   *
   * @param mayBegin - asked as the message is begun; if it may not, it is given back
   * @throws NotBegunError; Error when the pool is closed or `maxWaiting` is exceeded, which are mistakes of the caller's
   */
  send(envelope: Envelope, bytes: Buffer, mayBegin = always): Promise<TransactionResult> {
    return this.#take<TransactionResult>(envelope, bytes, mayBegin);
  }

  /**
   * Says a message's envelope, and RSET in place of DATA: what the relay says to its recipient, and no message.
   *
   * @throws as {@link send}
   */
  tryEnvelope(envelope: Envelope, bytes: Buffer): Promise<TrialResult> {
    return this.#take<TrialResult>(envelope, bytes, always, true);
  }

  #take<Result>(envelope: Envelope, bytes: Buffer, mayBegin: () => boolean, trial = false): Promise<Result> {
    if (this.#closing) return Promise.reject(new Error('this connection pool is closed'));
    if (this.#waiting.length >= this.#options.maxWaiting) {
      return Promise.reject(
        new Error(`more than ${this.#options.maxWaiting} messages wait for a connection: send fewer at a time`),
      );
    }
    this.#share.join(this);
    return new Promise((resolve, reject) => {
      const giveBack = (): void => reject(new NotBegunError('the message was given back before it was begun'));
      const settle: Job['settle'] = (result) => resolve(result as Result);
      // Written out: of what is spread and gets members more, V8 makes a hidden class for each message.
      this.#waiting.push({ envelope, bytes, trial, mayBegin, settle, giveBack });
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
    for (const session of this.#sessions) session.abort();
    return closed;
  }

  #dispatch(): void {
    this.#open(this.#again.length);
    while (this.#hasWork()) {
      const session = this.#idle.pop();
      if (!session) break;
      session.resume();
    }
    this.#open(this.#again.length + this.#waiting.length);
    if (this.#share.isShut) this.#giveWaitingBack();
    else if (this.occupied === 0 && !this.#waitsForShare) this.#failWaiting(this.#lastFault);
    if (this.occupied + this.#again.length + this.#waiting.length === 0) this.#share.leave(this);
    this.#settleDown();
  }

  /** For a connection that is no new one. */
  #hasWork(): boolean {
    return this.#waiting.length > 0 || (this.#opening === 0 && this.#again.length > 0);
  }

  /** @param wanted - connections that would be used at once */
  #open(wanted: number): void {
    const atOnce = this.#letIn ? wanted : Math.min(1, wanted);
    this.#waitsForShare = false;
    while (
      this.#opening < atOnce &&
      this.occupied < this.#relay.connections &&
      performance.now() >= this.#noOpeningBefore
    ) {
      this.#waitsForShare = !this.#share.take(this);
      if (this.#waitsForShare) return;
      void this.#openSession();
    }
  }

  async #openSession(): Promise<void> {
    this.#opening += 1;
    let session: SmtpSession | undefined;
    try {
      const connection = await this.#options.open(this.#relay, this.#options.openTimeout, this.#abortion.signal);
      session = new SmtpSession(takeOver(connection, this.#relay), this.#sessionTimeouts, this.#owner);
      this.#sessions.add(session);
      this.#failures = 0;
    } catch (error) {
      this.#lastFault = error instanceof Error ? error.message : String(error);
      this.#holdOff(error instanceof RelayUnavailableError && error.loginRefused);
    } finally {
      this.#opening -= 1;
    }
    this.#letIn = session !== undefined;
    session?.resume();
    // Others may have been let in: a relay that grants fewer connections than we want is no relay that is down.
    if (this.occupied === 0) this.#failWaiting(this.#lastFault);
    if (!session) this.#share.release(false);
    this.#dispatch();
  }

  /** Connections opened together fail together: that is one failure. */
  #holdOff(loginRefused: boolean): void {
    const now = performance.now();
    if (now < this.#noOpeningBefore) return;
    const [first, longest] = this.#options.backOff;
    const milliseconds = Math.min(longest, first * 2 ** this.#failures);
    this.#noOpeningBefore = now + (loginRefused ? this.#options.loginBackOff : milliseconds);
    this.#failures += 1;
  }

  readonly #owner: SessionOwner = {
    nextJob: (session, behind) => {
      if (this.#isSpent(session) || this.#isClaimed()) return undefined;
      // A connection that is being opened will have nothing to wait for.
      if (behind && this.#again.length + this.#waiting.length <= this.#opening) return undefined;
      const mayTakeAgain = session.begun === 0 || this.#opening === 0;
      for (;;) {
        const job = (mayTakeAgain ? this.#again.shift() : undefined) ?? this.#waiting.shift();
        if (!job || job.mayBegin()) return job;
        job.giveBack();
      }
    },
    rested: (session) => {
      if (this.#isSpent(session) || this.#isClaimed() || this.#share.isWanted) return this.#leave(session);
      this.#idle.push(session);
      this.#settleDown();
    },
    idleTooLong: (session) => {
      this.#withdraw(session);
      this.#leave(session);
    },
    handBack: (job, result) => {
      if (this.#putBack.has(job) || this.#abortion.signal.aborted) return job.settle(result);
      this.#putBack.add(job);
      // It came from here.
      this.#again.push(job as PooledJob);
    },
    ended: (session) => {
      this.#withdraw(session);
      this.#sessions.delete(session);
      this.#share.release(this.#leaving.delete(session));
      this.#letIn &&= this.#sessions.size > 0;
      this.#dispatch();
    },
  };

  #isSpent(session: SmtpSession): boolean {
    return session.begun >= (this.#relay.messagesPerConnection ?? Infinity);
  }

  /** Others need a connection more than we do. */
  #isClaimed(): boolean {
    return this.#share.isExceeded || (this.#share.isWanted && this.#sessions.size - this.#leaving.size > 1);
  }

  #leave(session: SmtpSession): void {
    if (!this.#leaving.has(session)) this.#share.giveUp();
    this.#leaving.add(session);
    session.quit();
  }

  #giveWaitingBack(): void {
    for (const job of [...this.#again.splice(0), ...this.#waiting.splice(0)]) job.giveBack();
  }

  #withdraw(session: SmtpSession): void {
    const at = this.#idle.indexOf(session);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  #failWaiting(reply: string): void {
    for (const job of [...this.#again.splice(0), ...this.#waiting.splice(0)])
      job.settle({ outcome: 'deferred', reason: 'unreachable', reply, relayFault: true });
  }

  /** When closing and nothing is left to do, ends the connections and tells who waits for that. */
  #settleDown(): void {
    if (!this.#closing || this.#again.length + this.#waiting.length + this.#opening > 0) return;
    for (const session of this.#idle.splice(0)) session.quit();
    if (this.#sessions.size > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
