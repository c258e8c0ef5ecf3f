import type { Logger } from 'pino';
import { domainOf } from '../src/delivery/address.js';
import type { Resolver } from '../src/dns/resolver.js';
import { RelayUrlError, type RelayOptions } from '../src/smtp/relay-url.js';
import { ruleFor, type MxRule, type MxRules } from '../src/smtp/rules/mx-rules.js';
import type { Database } from '../src/store/database.js';
import { Lane } from './lane.js';

/** How long an answer of DNS is believed, and how long it is not asked again where it gave none. */
const mxMs = { found: 600_000, failed: 60_000 } as const;
/** Most domains that are remembered: no list of recipients may fill the memory. */
const domainsKept = 50_000;

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
  readonly #routes = new Map<string, { rule: MxRule | undefined; until: number }>();
  readonly #asking = new Map<string, Promise<void>>();
  readonly #lanes = new Map<string, { lane: Lane; relayName: string; domains: Set<string> }>();

  /** @throws RelayUrlError for a rule that names a relay which is not there */
  constructor(
    private readonly rules: MxRules,
    private readonly relays: ReadonlyMap<string, RelayOptions>,
    private readonly resolver: Pick<Resolver, 'mx'>,
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
    const known = this.#routes.get(domain);
    if (known && performance.now() < known.until) return known.rule && this.#lane(known.rule, relayName, domain);
    const rule = ruleFor(this.rules.rules, domain);
    if (rule === 'ask-mx') return this.#ask(domain);
    this.#remember(domain, rule, Infinity);
    return rule && this.#lane(rule, relayName, domain);
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

  #ask(domain: string): Promise<void> {
    const asking = this.#asking.get(domain) ?? this.#askDns(domain).finally(() => this.#asking.delete(domain));
    this.#asking.set(domain, asking);
    return asking;
  }

  async #askDns(domain: string): Promise<void> {
    const answer = await this.resolver.mx(domain);
    const hosts = 'found' in answer ? answer.found.map((host) => host.toLowerCase().replace(/\.$/, '')) : [];
    const rule = ruleFor(this.rules.rules, domain, hosts);
    const ms = 'found' in answer ? mxMs.found : mxMs.failed;
    this.#remember(domain, rule === 'ask-mx' ? undefined : rule, performance.now() + ms);
  }

  #remember(domain: string, rule: MxRule | undefined, until: number): void {
    if (this.#routes.size >= domainsKept) this.#routes.clear();
    this.#routes.set(domain, { rule, until });
  }
}
