import type { ConnectionPool } from './connection-pool.js';
import type { ConnectionShare } from './connection-share.js';
import type { RelayOptions } from './relay-url.js';
import { Rest } from './rest.js';
import type { Envelope, TransactionResult, TrialResult } from './transaction.js';

/** What takes messages for a relay, over one address or several. */
export type MailPool = Pick<ConnectionPool, 'send' | 'tryEnvelope' | 'close' | 'abort'>;

/** Milliseconds that an address which failed is left out; doubles up to the second value. */
const defaultRest: readonly [first: number, longest: number] = [1_000, 30_000];

/** As many messages for each connection may be with an address before another one is given more. */
const messagesPerConnection = 3;

interface Route {
  pool: MailPool & Pick<ConnectionPool, 'open'>;
  options: Pick<RelayOptions, 'connections' | 'weight' | 'backup'>;
  underWay: number;
  /** What the address is owed by its weight. */
  credit: number;
  rest: Rest;
}

/**
 * One relay at several addresses. Messages go to them by their weights; an address that fails is left out for a while, and
 * what it did not take goes to another one at once. Backups are for when all others are out. What may have been taken, and
 * what a recipient was refused for, is moved nowhere.
 */
export class RoutedPool implements MailPool {
  readonly #routes: Route[];
  #closing = false;

  /** @param share - of the connections of all addresses, where there is a limit to them */
  constructor(
    routes: readonly Pick<Route, 'pool' | 'options'>[],
    private readonly share?: Pick<ConnectionShare, 'isFull'>,
    rest = defaultRest,
  ) {
    this.#routes = routes.map((route) => ({ ...route, underWay: 0, credit: 0, rest: new Rest(rest) }));
  }

  send(envelope: Envelope, bytes: Buffer, mayBegin?: () => boolean): Promise<TransactionResult> {
    return this.#over((pool) => pool.send(envelope, bytes, mayBegin));
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
      route.rest.learn(failed);
      if (!failed || untried.size === 0 || this.#closing) return result;
    }
  }

  #choose(routes: readonly Route[]): Route | undefined {
    // Where no other connection may be opened, those that there are do it.
    const full = this.share?.isFull === true;
    const ranked = [
      ({ rest, options, pool }: Route) => rest.isOver && !options.backup && full && pool.open > 0,
      ({ rest, options }: Route) => rest.isOver && !options.backup,
      ({ rest }: Route) => rest.isOver,
      ({ options }: Route) => !options.backup,
      () => true,
    ];
    const best = ranked.map((fits) => routes.filter(fits)).find((some) => some.length > 0) ?? [];
    const load = ({ underWay, options }: Route): number => underWay / options.connections;
    const roomy = best.filter((route) => load(route) < messagesPerConnection);
    return roomy.length > 0 ? byWeight(roomy) : best.toSorted((a, b) => load(a) - load(b))[0];
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
