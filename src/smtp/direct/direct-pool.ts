import { isPublicAddress } from '../../checks/public-address.js';
import { domainOf } from '../../delivery/address.js';
import type { CachedDns } from '../../dns/cached-dns.js';
import { classifyReply } from '../classify-reply.js';
import { ConnectionPool, type PoolOptions } from '../connection-pool.js';
import type { ConnectionShare } from '../connection-share.js';
import { RelayUnavailableError } from '../open-connection.js';
import type { DirectOptions } from '../relay-url.js';
import { oneLineReply } from '../reply-line.js';
import { Rest } from '../rest.js';
import type { MailPool } from '../routed-pool.js';
import type { Envelope, TransactionResult, TrialResult } from '../transaction.js';
import { connectToHost } from './host-connection.js';
import { hostAddresses, inOrder, mailHosts, mostTelling, type NoWay } from './mail-hosts.js';

/** Milliseconds that a host which failed is left alone; doubles up to the second value. */
const defaultRest: readonly [first: number, longest: number] = [30_000, 900_000];
/** Milliseconds to be let in at one address. */
const openTimeout = 30_000;
/** Hosts that are known before those that have nothing to do are forgotten. */
const hostsKept = 2_000;

type Result = TransactionResult | TrialResult;

interface MailHost {
  pool: ConnectionPool;
  rest: Rest;
  underWay: number;
  /** What it failed with last. */
  fault: NoWay;
}

export interface DirectTerms extends PoolOptions {
  /** Of the connections to all hosts. */
  share: ConnectionShare;
  /** Milliseconds that a host which failed is left alone; doubles up to the second value. */
  rest?: readonly [first: number, longest: number];
}

/** The worker is being stopped: what was not begun costs no attempt. */
const stopped: NoWay = {
  outcome: 'deferred',
  reason: 'unreachable',
  reply: 'sending was stopped before this message was begun',
  relayFault: true,
};

/**
 * Delivers each message to the hosts that take its recipient's mail, with connections for each host. A host that fails
 * before it is handed the message leaves it to the next one; what a host answers is the answer, and what it may have taken
 * goes nowhere else. All that fails there is the recipient's side: other domains' messages do not wait for it.
 */
export class DirectPool implements MailPool {
  readonly #hosts = new Map<string, MailHost>();
  readonly #mayConnect: (address: string) => boolean;
  #closing = false;

  constructor(
    private readonly options: DirectOptions,
    private readonly dns: CachedDns,
    private readonly terms: DirectTerms,
  ) {
    this.#mayConnect = options.mayBePrivate ? () => true : isPublicAddress;
  }

  async send(envelope: Envelope, bytes: Buffer, mayBegin?: () => boolean): Promise<TransactionResult> {
    const result = await this.#deliver(envelope, (pool) => pool.send(envelope, bytes, mayBegin));
    return result as TransactionResult;
  }

  async tryEnvelope(envelope: Envelope, bytes: Buffer): Promise<TrialResult> {
    return (await this.#deliver(envelope, (pool) => pool.tryEnvelope(envelope, bytes))) as TrialResult;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#hosts.values()].map(({ pool }) => pool.close()));
  }

  async abort(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#hosts.values()].map(({ pool }) => pool.abort()));
  }

  async #deliver({ recipient }: Envelope, act: (pool: ConnectionPool) => Promise<Result>): Promise<Result> {
    const domain = domainOf(recipient);
    const hosts = mailHosts(domain, await this.dns.mx(domain));
    if ('reply' in hosts) return told(hosts);
    const { share } = this.terms;
    // Where no other connection may be opened, those that there are do it.
    const goesFirst = (host: string): boolean => share.isFull && (this.#hosts.get(host)?.pool.open ?? 0) > 0;
    const faults: NoWay[] = [];
    for (const name of inOrder(hosts, Math.random, goesFirst)) {
      const tried = await this.#tryHost(name, act);
      if ('result' in tried) return tried.result;
      faults.push(tried.fault);
    }
    return told(mostTelling(faults) ?? stopped);
  }

  /** Nothing of the message was handed over where this comes to a fault. */
  async #tryHost(
    name: string,
    act: (pool: ConnectionPool) => Promise<Result>,
  ): Promise<{ result: Result } | { fault: NoWay }> {
    const addresses = hostAddresses(name, await this.dns.addresses(name), this.#mayConnect);
    if (this.#closing) return { result: stopped };
    if ('reply' in addresses) return { fault: addresses };
    const host = this.#host(name);
    if (!host.rest.isOver) return { fault: host.fault };
    host.rest.probe(openTimeout);
    host.underWay += 1;
    const result = await act(host.pool).finally(() => (host.underWay -= 1));
    const failed = 'relayFault' in result && !result.answered;
    const isRested = failed || result.outcome === 'in-doubt';
    host.rest.learn(isRested);
    if (isRested) host.fault = faultOf(result, name);
    if (failed && this.#closing) return { result };
    return failed ? { fault: host.fault } : { result: answeredBy(name, result) };
  }

  #host(name: string): MailHost {
    const known = this.#hosts.get(name);
    if (known) return known;
    if (this.#hosts.size >= hostsKept) this.#forget();
    const { perHost: connections, ehloName, tls, port, messagesPerConnection } = this.options;
    const pool = new ConnectionPool(
      { host: name, port, secure: false, tls, ehloName, connections, messagesPerConnection },
      {
        openTimeout,
        ...this.terms,
        open: async (relay, timeout, signal) => {
          const addresses = hostAddresses(name, await this.dns.addresses(name), this.#mayConnect);
          if ('reply' in addresses) throw new RelayUnavailableError(oneLineReply(addresses.reply));
          return await connectToHost(relay, addresses, timeout, signal);
        },
      },
    );
    const host = { pool, rest: new Rest(this.terms.rest ?? defaultRest), underWay: 0, fault: stopped };
    this.#hosts.set(name, host);
    return host;
  }

  #forget(): void {
    for (const [name, { pool, underWay }] of this.#hosts) if (underWay + pool.occupied === 0) this.#hosts.delete(name);
  }
}

const told = (noWay: NoWay): NoWay => ({ ...noWay, reply: oneLineReply(noWay.reply) });

const longestReply = 500;

/** What could not be opened says already where it was. */
function named(reply: string, host: string): string {
  if (reply.includes(`(${host}:`)) return reply;
  const by = ` (${host})`;
  return reply.slice(0, longestReply - by.length) + by;
}

function answeredBy(host: string, result: Result): Result {
  switch (result.outcome) {
    case 'in-doubt':
      return { ...result, detail: named(result.detail, host) };
    case 'sent':
    case 'accepted':
      return { ...result, reply: named(result.reply, host) };
    case 'rejected':
    case 'deferred': {
      // That a host refuses our sender is no fault of all the others.
      const { outcome, reason, reply = '' } = result;
      return { outcome, reason, reply: named(reply, host) };
    }
  }
}

/** What others are told whose messages a host does not get, for it has failed. */
function faultOf(result: Result, host: string): NoWay {
  const outcome = 'deferred';
  if (result.outcome === 'in-doubt')
    return { outcome, reason: 'unreachable', reply: `${host} is left alone for a while: ${result.detail}` };
  const reply = named(result.reply ?? '', host);
  const isSaid = /^[45]\d\d/.test(reply);
  return { outcome, reason: isSaid ? classifyReply(reply, 'connect').reason : 'unreachable', reply };
}
