import fc from 'fast-check';
import type { MailAnswer } from '../../src/dns/cached-dns.js';
import type { MxRecord } from '../../src/dns/resolver.js';
import {
  hostAddresses,
  inOrder,
  mailHostNames,
  mailHosts,
  mostTelling,
  type NoWay,
} from '../../src/smtp/direct/mail-hosts.js';

const record = (exchange: string, priority = 10): MxRecord => ({ exchange, priority });
const found = (...records: MxRecord[]): MailAnswer<MxRecord> => ({ found: records });

test.each<[string, MailAnswer<MxRecord>, ReturnType<typeof mailHosts> | object]>([
  [
    'hosts',
    found(record('MX1.Mail.Example.', 20), record('mx2.mail.example')),
    [record('mx1.mail.example', 20), record('mx2.mail.example')],
  ],
  // RFC 5321 §5.1: the implicit MX. Whether it has an address is seen next.
  ['nothing', found(), [record('shop.example', 0)]],
  [
    'a null MX',
    found(record('', 0)),
    { outcome: 'rejected', reason: 'invalid-domain', reply: expect.stringContaining('takes no mail') },
  ],
  ['a null MX with a dot', found(record('.', 0)), { outcome: 'rejected', reason: 'invalid-domain' }],
  // RFC 7505 §3 forbids it, and who has a host wants mail.
  ['a null MX beside a host', found(record('', 0), record('mx.mail.example')), [record('mx.mail.example')]],
  [
    'that it cannot tell',
    { failed: 'ESERVFAIL' },
    { outcome: 'deferred', reason: 'unreachable', reply: expect.stringContaining('ESERVFAIL') },
  ],
  ['nothing in time', { failed: 'ETIMEOUT' }, { outcome: 'deferred', reason: 'unreachable' }],
  ['nothing, as nobody says anything', { silent: true }, { outcome: 'deferred', relayFault: true }],
])('DNS says %s', (_, answer, expected) => {
  const hosts = mailHosts('shop.example', answer);
  if (Array.isArray(expected)) expect(hosts).toEqual(expected);
  else expect(hosts).toMatchObject(expected);
  // It is our side that fails where nobody is heard, and there alone.
  expect('relayFault' in hosts).toBe('silent' in answer);
  expect(mailHostNames('shop.example', answer)).toEqual(
    Array.isArray(expected) ? expected.map(({ exchange }) => exchange) : [],
  );
});

test.each<[string, MxRecord[], number[], string[]]>([
  ['by preference', [record('c', 30), record('a', 10), record('b', 20)], [0.9, 0.1, 0.5], ['a', 'b', 'c']],
  ['equal ones as they are drawn', [record('a'), record('b'), record('last', 20)], [0.9, 0.1, 0], ['b', 'a', 'last']],
  ['each once', [record('a', 20), record('a', 10), record('b', 10)], [0, 0.1, 0.2], ['a', 'b']],
  ['no more than five', 'abcdefg'.split('').map((name, n) => record(name, n)), [0], ['a', 'b', 'c', 'd', 'e']],
])('hosts are tried %s', (_, hosts, drawn, expected) => {
  const left = [...drawn];
  expect(inOrder(hosts, () => left.shift() ?? 0)).toEqual(expected);
});

test('preference comes before everything else', () => {
  const hosts = fc.uniqueArray(fc.record({ exchange: fc.constantFrom('a', 'b', 'c', 'd', 'e'), priority: fc.nat(3) }), {
    minLength: 1,
    selector: ({ exchange }) => exchange,
  });
  fc.assert(
    fc.property(hosts, fc.constantFrom('a', 'b', 'c'), (given, favourite) => {
      const order = inOrder(given, Math.random, (host) => host === favourite);
      const priorities = order.map((name) => given.find(({ exchange }) => exchange === name)?.priority ?? NaN);
      expect(order.toSorted()).toEqual(given.map(({ exchange }) => exchange).toSorted());
      expect(priorities).toEqual(priorities.toSorted((a, b) => a - b));
      const at = order.indexOf(favourite);
      // It is the first of its equals.
      if (at > 0) expect(priorities[at - 1]).toBeLessThan(priorities[at] ?? NaN);
    }),
  );
});

const isOurs = (address: string): boolean => address.startsWith('10.');
const invalid = { outcome: 'deferred', reason: 'invalid-domain' };

test.each<[string, MailAnswer<string>, readonly string[] | object]>([
  [
    'IPv4 before IPv6',
    { found: ['2001:db8::1', '192.0.2.1', '2001:db8::2'] },
    ['192.0.2.1', '2001:db8::1', '2001:db8::2'],
  ],
  ['none of our own network', { found: ['10.0.0.1', '192.0.2.1'] }, ['192.0.2.1']],
  ['no more than four', { found: [1, 2, 3, 4, 5].map((n) => `192.0.2.${n}`) }, [1, 2, 3, 4].map((n) => `192.0.2.${n}`)],
  [
    'nowhere, as all are of our own network',
    { found: ['10.0.0.1', '10.0.0.2'] },
    { ...invalid, reply: 'mx.example has no public address: 10.0.0.1, 10.0.0.2' },
  ],
  ['nowhere, as there is none', { found: [] }, { ...invalid, reply: 'mx.example has no address in DNS' }],
  ['later, as DNS cannot tell', { failed: 'ESERVFAIL' }, { outcome: 'deferred', reason: 'unreachable' }],
  ['later, as nobody says anything', { silent: true }, { outcome: 'deferred', relayFault: true }],
])('a host is tried at %s', (_, answer, expected) => {
  const addresses = hostAddresses('mx.example', answer, (address) => !isOurs(address));
  if (Array.isArray(expected)) expect(addresses).toEqual(expected);
  else expect(addresses).toMatchObject(expected);
});

test('of several failures, that of a host which is there is told', () => {
  const [lost, away]: [NoWay, NoWay] = [
    { outcome: 'deferred', reason: 'invalid-domain', reply: 'no address' },
    { outcome: 'deferred', reason: 'unreachable', reply: 'refused' },
  ];
  expect(mostTelling([lost, away])).toBe(away);
  expect(mostTelling([lost])).toBe(lost);
});
