import { isDirect, type RelayOptions, type RelayRoute } from '../relay-url.js';
import type { MxRule } from './mx-rules.js';

/** A relay as a rule lets mail go over it. */
export function routeUnderRule(route: RelayRoute, rule: MxRule): RelayRoute {
  if (!isDirect(route)) return route.map((relay) => relayUnderRule(relay, rule));
  return {
    ...route,
    tls: rule.tls ?? route.tls,
    perHost: rule.connections ?? route.perHost,
    messagesPerConnection: rule.messagesPerConnection ?? route.messagesPerConnection,
  };
}

/** What a rule says of connections holds; but a relay that is given a password keeps the protection that its URL demands. */
function relayUnderRule(relay: RelayOptions, rule: MxRule): RelayOptions {
  const order = ['none', 'opportunistic', 'required'] as const;
  const wanted = rule.tls ?? relay.tls;
  const weaker = order.indexOf(wanted) < order.indexOf(relay.tls);
  return {
    ...relay,
    tls: weaker && (relay.auth || relay.secure) ? relay.tls : wanted,
    connections: rule.connections ?? relay.connections,
    ...(rule.messagesPerConnection !== undefined && { messagesPerConnection: rule.messagesPerConnection }),
  };
}
