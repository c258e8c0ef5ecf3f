import type { CachedDns } from '../dns/cached-dns.js';
import { ConnectionPool, type PoolOptions } from './connection-pool.js';
import { ConnectionShare } from './connection-share.js';
import { DirectPool } from './direct/direct-pool.js';
import { isDirect, type RelayRoute } from './relay-url.js';
import { RoutedPool, type MailPool } from './routed-pool.js';

/** How a relay's connections are opened in this process, whatever they are for. */
export interface RelayOpener {
  route: RelayRoute;
  /** A share of its connections, for one pool. */
  share(limit?: number): ConnectionShare;
  /** @param route - the relay's own, or as a rule has it */
  open(route: RelayRoute, options: PoolOptions & { share: ConnectionShare }): MailPool;
}

/** @param dns - for relays that deliver to recipients' own hosts */
export function relayOpener(route: RelayRoute, dns: CachedDns): RelayOpener {
  // All mail to hosts of others shares what one process may open.
  const process = isDirect(route) ? new ConnectionShare(route.connections) : undefined;
  return {
    route,
    share: (limit = Infinity) => new ConnectionShare(limit, process),
    open: (own, options) => {
      if (isDirect(own)) return new DirectPool(own, dns, options);
      const routes = own.map((address) => ({ options: address, pool: new ConnectionPool(address, options) }));
      const [only, ...others] = routes;
      return only && others.length === 0 ? only.pool : new RoutedPool(routes, options.share);
    },
  };
}
