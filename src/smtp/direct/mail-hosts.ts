import { isIPv4 } from 'node:net';
import type { Reason } from '../../delivery/message-status.js';
import type { MailAnswer } from '../../dns/cached-dns.js';
import type { MxRecord } from '../../dns/resolver.js';

/** Most hosts of a domain, and addresses of a host, that are tried for one message: DNS of others must not keep us busy. */
const mostHosts = 5;
const mostAddresses = 4;

/** Why mail cannot go to a domain, or to a host. */
export interface NoWay {
  outcome: 'deferred' | 'rejected';
  reason: Reason;
  reply: string;
  /** It is our side that fails: nobody is to blame but us. */
  relayFault?: true;
}

const silence = (what: string): NoWay => ({
  outcome: 'deferred',
  reason: 'unreachable',
  reply: `${what} could not be looked up, for no name server answers: see that DNS works on this machine`,
  relayFault: true,
});

const lookupFailed = (what: string, code: string): NoWay => ({
  outcome: 'deferred',
  reason: 'unreachable',
  reply: `${what} could not be looked up (${code})`,
});

/**
 * The hosts that take a domain's mail, RFC 5321 §5.1.
 *
 * @param domain - of the recipient, a lower-case A-label
 * @returns in no order; the domain itself where it names none. Of a null MX (RFC 7505 §4.2), a failure that lasts
 */
export function mailHosts(domain: string, answer: MailAnswer<MxRecord>): readonly MxRecord[] | NoWay {
  const what = `the mail hosts (MX) of ${domain}`;
  if ('silent' in answer) return silence(what);
  if ('failed' in answer) return lookupFailed(what, answer.failed);
  const named = answer.found.map(({ exchange, priority }) => ({ exchange: hostName(exchange), priority }));
  if (named.length === 0) return [{ exchange: domain, priority: 0 }];
  const hosts = named.filter(({ exchange }) => exchange !== '');
  if (hosts.length > 0) return hosts;
  const reply = `${domain} takes no mail: that is what its MX says (null MX, RFC 7505)`;
  return { outcome: 'rejected', reason: 'invalid-domain', reply };
}

/** The names of a domain's mail hosts, for rules about them. */
export function mailHostNames(domain: string, answer: MailAnswer<MxRecord>): string[] {
  const hosts = mailHosts(domain, answer);
  return 'reply' in hosts ? [] : hosts.map(({ exchange }) => exchange);
}

const hostName = (exchange: string): string => exchange.toLowerCase().replace(/\.$/, '');

/**
 * Hosts in the order in which they are tried: by preference, equal ones at random (RFC 5321 §5.1).
 *
 * @param random - from 0 to below 1
 * @param goesFirst - of hosts of equal preference
 */
export function inOrder(
  hosts: readonly MxRecord[],
  random: () => number,
  goesFirst: (host: string) => boolean = () => false,
): string[] {
  const drawn = hosts.map(({ exchange, priority }) => {
    return { exchange, priority, rank: goesFirst(exchange) ? -1 : random() };
  });
  drawn.sort((a, b) => a.priority - b.priority || a.rank - b.rank);
  return [...new Set(drawn.map(({ exchange }) => exchange))].slice(0, mostHosts);
}

/**
 * The addresses at which a host is tried: IPv4 first, for that is where senders have their reputation.
 *
 * @param mayConnect - DNS of others must not lead us to servers of our own network
 */
export function hostAddresses(
  host: string,
  answer: MailAnswer<string>,
  mayConnect: (address: string) => boolean,
): readonly string[] | NoWay {
  if ('silent' in answer) return silence(`the address of ${host}`);
  if ('failed' in answer) return lookupFailed(`the address of ${host}`, answer.failed);
  const noWay = (reply: string): NoWay => ({ outcome: 'deferred', reason: 'invalid-domain', reply });
  if (answer.found.length === 0) return noWay(`${host} has no address in DNS`);
  const open = answer.found.filter(mayConnect);
  if (open.length === 0) return noWay(`${host} has no public address: ${answer.found.join(', ')}`);
  return [...open.filter(isIPv4), ...open.filter((address) => !isIPv4(address))].slice(0, mostAddresses);
}

/** Of several hosts that a message could not be given to, what is told: one that is there says more than one that is not. */
export function mostTelling(faults: readonly NoWay[]): NoWay | undefined {
  return faults.find(({ reason }) => reason !== 'invalid-domain') ?? faults[0];
}
