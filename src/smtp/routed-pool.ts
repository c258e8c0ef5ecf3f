import type { ConnectionPool } from './connection-pool.js';
import type { RelayOptions } from './relay-url.js';
import type { Envelope, TransactionResult, TrialResult } from './transaction.js';

/** What takes messages for a relay, over one address or several. */
export type MailPool = Pick<ConnectionPool, 'send' | 'tryEnvelope' | 'close' | 'abort'>;

/** Milliseconds that an address which failed is left out; doubles up to the second value. */
const defaultRest: readonly [first: number, longest: number] = [1_000, 30_000];

/** As many messages for each connection may be with an address before another one is given more. */
const messagesPerConnection = 3;

interface Route {
  pool: MailPool;
  options: Pick<RelayOptions, 'connections' | 'weight' | 'backup'>;
  underWay: number;
  /** What the address is owed by its weight. */
  credit: number;
  /** Since it last answered. */
  failures: number;
  /** On the monotonic clock. */
  outUntil: number;
}

/**
 * One relay at several addresses. Messages go to them by their weights; an address that fails is left out for a while, and
 * what it did not take goes to another one at once. Backups are for when all others are out. What may have been taken, and
 * what a recipient was refused for, is moved nowhere.
 */
export class RoutedPool implements MailPool {
  readonly #routes: Route[];
  readonly #rest: readonly [first: number, longest: number];
  #closing = false;

  constructor(routes: readonly Pick<Route, 'pool' | 'options'>[], rest = defaultRest) {
    this.#routes = routes.map((route) => ({ ...route, underWay: 0, credit: 0, failures: 0, outUntil: 0 }));
    this.#rest = rest;
  }

  send(envelope: Envelope, bytes: Buffer): Promise<TransactionResult> {
    return this.#over((pool) => pool.send(envelope, bytes));
  }

  tryEnvelope(envelope: Envelope, bytes: Buffer): Promise<TrialResult> {
    return this.#over((pool) => pool.tryEnvelope(envelope, bytes));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#routes.map(({ pool }) => pool.close()));
  }

  async abort(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#routes.map(({ pool }) => pool.abort()));
  }

  async #over<Result extends TransactionResult | TrialResult>(
    act: (pool: MailPool) => Promise<Result>,
  ): Promise<Result> {
    const untried = new Set(this.#routes);
    for (;;) {
      const route = this.#choose([...untried]);
      if (!route) throw new Error('a relay needs an address');
      untried.delete(route);
      route.underWay += 1;
      const result = await act(route.pool).finally(() => {
        route.underWay -= 1;
      });
      const failed = 'relayFault' in result;
      this.#learn(route, failed);
      if (!failed || untried.size === 0 || this.#closing) return result;
    }
  }

  #choose(routes: readonly Route[]): Route | undefined {
    const now = performance.now();
    const ranked = [
      ({ outUntil, options }: Route) => outUntil <= now && !options.backup,
      ({ outUntil }: Route) => outUntil <= now,
      ({ options }: Route) => !options.backup,
      () => true,
    ];
    const best = ranked.map((fits) => routes.filter(fits)).find((some) => some.length > 0) ?? [];
    const load = ({ underWay, options }: Route): number => underWay / options.connections;
    const roomy = best.filter((route) => load(route) < messagesPerConnection);
    return roomy.length > 0 ? byWeight(roomy) : best.toSorted((a, b) => load(a) - load(b))[0];
  }

  /** Messages that were under way together fail together: that is one failure. */
  #learn(route: Route, failed: boolean): void {
    const now = performance.now();
    if (!failed) Object.assign(route, { failures: 0, outUntil: 0 });
    else if (route.outUntil <= now) {
      const [first, longest] = this.#rest;
      route.outUntil = now + Math.min(longest, first * 2 ** route.failures);
      route.failures += 1;
    }
  }
}

/** Smoothly: of weights 3 and 1, each run of four messages has three and one. */
function byWeight(routes: readonly Route[]): Route | undefined {
  let total = 0;
  let chosen: Route | undefined;
  for (const route of routes) {
    const { weight = 1 } = route.options;
    total += weight;
    route.credit += weight;
    if (!chosen || route.credit > chosen.credit) chosen = route;
  }
  if (chosen) chosen.credit -= total;
  return chosen;
}
