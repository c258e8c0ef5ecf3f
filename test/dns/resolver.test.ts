import { NameServersError, resolverFromEnvironment, type Resolver } from '../../src/dns/resolver.js';
import { startScriptedDns, type ScriptedDns, type ScriptedName } from './scripted-dns.js';

const names = new Map<string, ScriptedName>([
  [
    'shop.example',
    {
      mx: [
        [20, 'second.example'],
        [10, 'first.example'],
      ],
    },
  ],
  ['null.example', { mx: [[0, '']] }],
  ['bare.example', { a: ['192.0.2.1', '192.0.2.2'], ttl: 7 }],
  ['broken.example', 'SERVFAIL'],
]);
let dns: ScriptedDns;
let resolver: Resolver;
beforeAll(async () => {
  dns = await startScriptedDns(names);
  resolver = resolverFromEnvironment({ SEALPOST_DNS: dns.server });
});
afterAll(() => dns.close());

test.each<[string, object]>([
  [
    'shop.example',
    {
      found: [
        { priority: 20, exchange: 'second.example' },
        { priority: 10, exchange: 'first.example' },
      ],
    },
  ],
  ['null.example', { found: [{ priority: 0, exchange: '' }] }],
  ['bare.example', { found: [] }],
  ['nowhere.example', { found: [] }],
  ['broken.example', { failed: 'ESERVFAIL' }],
])('the mail hosts of %s are %j', async (name, expected) => {
  expect(await resolver.mx(name)).toEqual(expected);
});

test.each<[string, object]>([
  ['bare.example', { found: ['192.0.2.1', '192.0.2.2'], ttl: 7 }],
  ['shop.example', { found: [] }],
  ['nowhere.example', { found: [] }],
  ['broken.example', { failed: 'ESERVFAIL' }],
])('the addresses of %s are %j', async (name, expected) => {
  expect(await resolver.address(name)).toEqual(expected);
});

test('a name server that answers is heard, one that does not run is not', async () => {
  expect(await resolver.isHeard()).toBe(true);
  // A port that was free a moment ago may be another test's name server by now; on this one nobody listens.
  const deaf = resolverFromEnvironment({ SEALPOST_DNS: '127.0.0.1:1' });
  expect(await deaf.isHeard()).toBe(false);
  expect(await deaf.mx('shop.example')).toEqual({ failed: 'ECONNREFUSED' });
});

test('several name servers may be named; what is no address is refused', () => {
  expect(() =>
    resolverFromEnvironment({ SEALPOST_DNS: ' 192.0.2.53, [2001:db8::53]:5353 192.0.2.54:53 ' }),
  ).not.toThrow();
  expect(() => resolverFromEnvironment({ SEALPOST_DNS: 'ns.shop.example' })).toThrow(NameServersError);
});
