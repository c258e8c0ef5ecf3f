import { isSilence, type Answer, type MxRecord, type Resolver } from './resolver.js';

/** Times in milliseconds. */
export interface CacheLimits {
  /** Longest that an answer is believed, and that a question which had none is not asked again. */
  found: number;
  failed: number;
  /** Shortest, whatever DNS says. */
  least: number;
  /** How long nothing new is asked once all name servers have been silent. */
  silent: number;
  /** Most names of each kind: no list of recipients may fill the memory. */
  names: number;
}

const defaultLimits: CacheLimits = { found: 600_000, failed: 60_000, least: 10_000, silent: 5_000, names: 50_000 };

/** An answer; or no name server says anything at all, which is no matter of the name. */
export type MailAnswer<Item> = Answer<Item> | { silent: true };

/**
 * What has to be known of where mail goes: each question is asked once and its answer believed for a while. What is known
 * comes at once, for it is looked up with every message.
 */
export class CachedDns {
  readonly #mx: NameCache<MxRecord>;
  readonly #addresses: NameCache<string>;
  #silentUntil = 0;

  /** @param now - milliseconds on a clock that is never put back */
  constructor(
    private readonly resolver: Pick<Resolver, 'mx' | 'address' | 'isHeard'>,
    private readonly limits: CacheLimits = defaultLimits,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#mx = new NameCache((name) => this.#hear(() => resolver.mx(name)), limits, now);
    this.#addresses = new NameCache((name) => this.#hear(() => resolver.address(name)), limits, now);
  }

  /** @param domain - of recipients, a lower-case A-label */
  mx(domain: string): MailAnswer<MxRecord> | Promise<MailAnswer<MxRecord>> {
    return this.#mx.get(domain);
  }

  /** @param host - that takes mail */
  addresses(host: string): MailAnswer<string> | Promise<MailAnswer<string>> {
    return this.#addresses.get(host);
  }

  /** One name may have servers that are down; where nobody answers any question, it is our side that fails. */
  async #hear<Item>(ask: () => Promise<Answer<Item>>): Promise<MailAnswer<Item>> {
    if (this.now() < this.#silentUntil) return { silent: true };
    const answer = await ask();
    if (!('failed' in answer) || !isSilence(answer.failed) || (await this.resolver.isHeard())) return answer;
    this.#silentUntil = this.now() + this.limits.silent;
    return { silent: true };
  }
}

class NameCache<Item> {
  readonly #known = new Map<string, { answer: MailAnswer<Item>; until: number }>();
  readonly #asking = new Map<string, Promise<MailAnswer<Item>>>();

  constructor(
    private readonly ask: (name: string) => Promise<MailAnswer<Item>>,
    private readonly limits: CacheLimits,
    private readonly now: () => number,
  ) {}

  get(name: string): MailAnswer<Item> | Promise<MailAnswer<Item>> {
    const known = this.#known.get(name);
    if (known && this.now() < known.until) return known.answer;
    const asking = this.#asking.get(name) ?? this.#ask(name);
    this.#asking.set(name, asking);
    return asking;
  }

  async #ask(name: string): Promise<MailAnswer<Item>> {
    const answer = await this.ask(name);
    this.#asking.delete(name);
    this.#known.delete(name);
    const [oldest] = this.#known.size >= this.limits.names ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(name, { answer, until: this.now() + lifetimeOf(answer, this.limits) });
    return answer;
  }
}

function lifetimeOf(answer: MailAnswer<unknown>, { found, failed, least, silent }: CacheLimits): number {
  if ('silent' in answer) return silent;
  if ('failed' in answer) return failed;
  return Math.min(found, Math.max(least, (answer.ttl ?? Infinity) * 1_000));
}
