import { CachedDns } from '../../src/dns/cached-dns.js';
import type { Answer, MxRecord } from '../../src/dns/resolver.js';

const second = 1_000;
const limits = { found: 600 * second, failed: 60 * second, least: 10 * second, silent: 5 * second, names: 3 };
const mx = (exchange: string): Answer<MxRecord> => ({ found: [{ exchange, priority: 10 }] });

let now = 0;
let isHeard = true;
let asked: string[] = [];
const answers = new Map<string, Answer<MxRecord>>();
const addresses = new Map<string, Answer<string>>();
let dns: CachedDns;

beforeEach(() => {
  now = 0;
  isHeard = true;
  asked = [];
  for (const known of [answers, addresses]) known.clear();
  const resolver = {
    mx: async (name: string) => (asked.push(`mx ${name}`), answers.get(name) ?? { found: [] }),
    address: async (name: string) => (asked.push(`a ${name}`), addresses.get(name) ?? { found: [] }),
    isHeard: async () => (asked.push('anybody'), isHeard),
  };
  dns = new CachedDns(resolver, limits, () => now);
});

test.each<[string, Answer<MxRecord>, number]>([
  ['hosts', mx('a.example'), 600],
  ['that there are none', { found: [] }, 600],
  ['that its servers cannot tell', { failed: 'ESERVFAIL' }, 60],
  ['nothing, while others answer', { failed: 'ETIMEOUT' }, 60],
])(
  'of a name that says %s the answer is known at once, and asked for again after its time',
  async (_, answer, seconds) => {
    answers.set('shop.example', answer);
    expect(await dns.mx('shop.example')).toEqual(answer);
    now = seconds * second - 1;
    expect(dns.mx('shop.example')).toEqual(answer);
    expect(asked.filter((one) => one.startsWith('mx'))).toHaveLength(1);
    now += 1;
    expect(await dns.mx('shop.example')).toEqual(answer);
    expect(asked.filter((one) => one.startsWith('mx'))).toHaveLength(2);
  },
);

test.each([
  [3, 10],
  [100, 100],
  [86_400, 600],
])('addresses that hold for %d s are believed for %d', async (ttl, seconds) => {
  addresses.set('mx.example', { found: ['192.0.2.1'], ttl });
  await dns.addresses('mx.example');
  now = seconds * second - 1;
  expect(dns.addresses('mx.example')).not.toBeInstanceOf(Promise);
  now += 1;
  expect(dns.addresses('mx.example')).toBeInstanceOf(Promise);
});

test('who asks meanwhile waits for the same answer', async () => {
  const [one, other] = [dns.mx('shop.example'), dns.mx('shop.example')];
  expect(one).toBe(other);
  await one;
  expect(asked).toEqual(['mx shop.example']);
});

test('no more names are remembered than agreed: the oldest answer goes', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await dns.mx(name);
  expect(['a', 'b', 'c', 'd'].map((name) => dns.mx(name) instanceof Promise)).toEqual([true, false, false, false]);
});

test('where no name server answers anything, it is told so, and nobody is asked for a while', async () => {
  for (const name of ['a', 'b']) answers.set(name, { failed: 'ETIMEOUT' });
  isHeard = false;
  expect(await dns.mx('a')).toEqual({ silent: true });
  expect(asked).toEqual(['mx a', 'anybody']);
  expect([await dns.mx('a'), await dns.mx('b')]).toEqual([{ silent: true }, { silent: true }]);
  expect(asked).toHaveLength(2);
  now = 5 * second;
  isHeard = true;
  answers.set('b', mx('b.example'));
  expect(await dns.mx('b')).toEqual(mx('b.example'));
});
