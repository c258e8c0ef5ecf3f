import type { Logger } from 'pino';
import { domainOf } from '../src/delivery/address.js';
import type { CachedDns } from '../src/dns/cached-dns.js';
import { mailHostNames } from '../src/smtp/direct/mail-hosts.js';
import type { RelayOpener } from '../src/smtp/open-pool.js';
import { RelayUrlError } from '../src/smtp/relay-url.js';
import { ruleFor, type MxRule, type MxRules } from '../src/smtp/rules/mx-rules.js';
import type { Database } from '../src/store/database.js';
import { Lane } from './lane.js';

/** Most domains of a lane that a batch looks for before it has met them. */
const domainsExpected = 20;

/** The lanes of a delivery's relay. */
export interface RelayLanes {
  /**
   * @param address - of the recipient, as the ledger has it
   * @returns undefined where the relay's own limits hold; a promise where DNS must be asked first, after which the lane is
   *   known
   */
  find(address: string): Lane | Promise<void> | undefined;
  /** Lanes that were used lately, by domains that others found to be theirs. */
  expected(): Iterable<readonly [Lane, Iterable<string>]>;
}

/** Over which lane a message leaves, if a rule is for where it goes. One for each worker process. */
export class MessageLanes {
  readonly #lanes = new Map<string, { lane: Lane; relayName: string; domains: Set<string> }>();

  /** @throws RelayUrlError for a rule that names a relay which is not there */
  constructor(
    private readonly rules: MxRules,
    private readonly relays: ReadonlyMap<string, RelayOpener>,
    private readonly dns: Pick<CachedDns, 'mx'>,
    private readonly database: Database,
    private readonly log: Logger,
  ) {
    for (const { name, relay } of rules.rules) {
      if (relay === undefined || relays.has(relay)) continue;
      const variable = `SMTP_URL_${relay.toUpperCase().replaceAll('-', '_')}`;
      throw new RelayUrlError(`the MX rule "${name}" names the relay "${relay}", but ${variable} is not set`);
    }
  }

  /** @param relayName - that a delivery names */
  of(relayName: string): RelayLanes {
    return {
      find: (address) => this.#find(domainOf(address), relayName),
      expected: () =>
        [...this.#lanes.values()]
          .filter((one) => one.relayName === relayName)
          .map(({ lane, domains }) => [lane, domains] as const),
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map(({ lane }) => lane.close()));
  }

  async abort(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map(({ lane }) => lane.abort()));
  }

  #find(domain: string, relayName: string): Lane | Promise<void> | undefined {
    let rule = ruleFor(this.rules.rules, domain);
    if (rule === 'ask-mx') {
      const answer = this.dns.mx(domain);
      if (answer instanceof Promise) return answer.then(() => undefined);
      rule = ruleFor(this.rules.rules, domain, mailHostNames(domain, answer));
    }
    return rule === 'ask-mx' ? undefined : rule && this.#lane(rule, relayName, domain);
  }

  /** Of deliveries with different relays a rule without one has a lane for each. */
  #lane(rule: MxRule, relayName: string, domain: string): Lane | undefined {
    const relay = this.relays.get(rule.relay ?? relayName);
    if (!relay) return undefined;
    const key = `${rule.name} ${relayName}`;
    let known = this.#lanes.get(key);
    if (!known) {
      known = {
        lane: new Lane(rule, this.rules.periodMs, relay, this.database, this.log),
        relayName,
        domains: new Set(),
      };
      this.#lanes.set(key, known);
    }
    if (known.domains.size < domainsExpected) known.domains.add(domain);
    return known.lane;
  }
}
