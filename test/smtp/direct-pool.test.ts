import { setTimeout as delay } from 'node:timers/promises';
import { CachedDns } from '../../src/dns/cached-dns.js';
import type { Answer, MxRecord } from '../../src/dns/resolver.js';
import { ConnectionShare } from '../../src/smtp/connection-share.js';
import { DirectPool, type DirectTerms } from '../../src/smtp/direct/direct-pool.js';
import type { DirectOptions } from '../../src/smtp/relay-url.js';
import { gate } from './gate.js';
import { relayCertificate } from './relay-certificates.js';
import { startScriptedRelay, type ScriptedRelay, type ScriptedRelayOptions } from './scripted-relay.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Mail hosts on addresses of this machine, all at one port, and what DNS says of them. */
class Hosts {
  readonly mx = new Map<string, Answer<MxRecord>>();
  readonly addresses = new Map<string, Answer<string>>();
  isHeard = true;
  port = 0;
  #last = 0;

  /** @returns `undefined` as the relay of a host at which nobody listens */
  async add(name: string, script: ScriptedRelayOptions | 'down' = {}): Promise<ScriptedRelay> {
    this.#last += 1;
    const address = `127.0.1.${this.#last}`;
    this.addresses.set(name, { found: [address] });
    const relay = await startScriptedRelay({ address, port: this.port, ...(script === 'down' ? {} : script) });
    this.port = relay.port;
    if (script === 'down') await relay.close();
    else closers.push(() => relay.close());
    return relay;
  }

  domain(name: string, ...hosts: (readonly [priority: number, exchange: string])[]): void {
    this.mx.set(name, { found: hosts.map(([priority, exchange]) => ({ priority, exchange })) });
  }

  pool(own: Partial<DirectOptions> = {}, terms: Partial<DirectTerms> = {}): DirectPool {
    const dns = new CachedDns({
      mx: async (name) => this.mx.get(name) ?? { found: [] },
      address: async (name) => this.addresses.get(name) ?? { found: [] },
      isHeard: async () => this.isHeard,
    });
    const options: DirectOptions = {
      ehloName: 'mail.shop.example',
      tls: 'none',
      connections: 20,
      perHost: 2,
      messagesPerConnection: 100,
      port: this.port,
      mayBePrivate: true,
      ...own,
    };
    const share = new ConnectionShare(options.connections);
    const pool = new DirectPool(options, dns, { share, ...terms });
    closers.push(() => pool.abort());
    return pool;
  }
}

let hosts: Hosts;
beforeEach(() => {
  hosts = new Hosts();
});

let messages = 0;
const send = (pool: DirectPool, domain: string) =>
  pool.send(
    { sender: 'bounce@shop.example', recipient: `reader@${domain}` },
    Buffer.from(`Message-ID: <${(messages += 1)}@shop.example>\r\n\r\nhello\r\n`),
  );
const sendMany = (pool: DirectPool, count: number, domain: string) =>
  Promise.all(Array.from({ length: count }, () => send(pool, domain)));

test('the host of the best preference gets all of it, over no more connections than one host may have', async () => {
  const second = await hosts.add('second.example');
  const first = await hosts.add('first.example');
  hosts.domain('mail.example', [20, 'second.example'], [10, 'First.Example.']);
  const results = await sendMany(hosts.pool(), 20, 'mail.example');
  expect(results).toEqual(results.map(() => ({ outcome: 'sent', reply: '250 2.0.0 queued (first.example)' })));
  expect([first.received.size, second.received.size]).toEqual([20, 0]);
  expect(first.connections().total).toBe(2);
});

test('hosts of equal preference share it', async () => {
  const [one, other] = [await hosts.add('one.example'), await hosts.add('other.example')];
  hosts.domain('mail.example', [10, 'one.example'], [10, 'other.example']);
  await sendMany(hosts.pool(), 100, 'mail.example');
  expect(one.received.size + other.received.size).toBe(100);
  expect(Math.min(one.received.size, other.received.size)).toBeGreaterThan(10);
});

test('a domain without MX has its own host, and an international one is asked for as an A-label', async () => {
  const relay = await hosts.add('xn--mller-kva.example');
  expect(await send(hosts.pool(), 'müller.example')).toMatchObject({ outcome: 'sent' });
  expect(relay.received.size).toBe(1);
});

/** What a first host may do before it is handed the message. */
test.each<[string, ScriptedRelayOptions | 'down']>([
  ['is down', 'down'],
  ['has no service', { on: (stage) => (stage === 'connect' ? '554 5.3.2 no service here' : undefined) }],
  ['is busy', { on: (stage) => (stage === 'connect' ? '421 4.7.0 too many connections' : undefined) }],
  ['hangs up at EHLO', { on: (stage) => (stage === 'ehlo' ? 'drop' : undefined) }],
  ['hangs up at MAIL', { on: (stage) => (stage === 'mail' ? 'reset' : undefined) }],
  ['hangs up at DATA', { on: (stage) => (stage === 'data' ? 'drop' : undefined) }],
  ['is closing', { on: (stage) => (stage === 'rcpt' ? '421 4.3.2 closing' : undefined) }],
])('where the first host %s, the next one gets it', async (_, script) => {
  await hosts.add('first.example', script);
  const second = await hosts.add('second.example');
  hosts.domain('mail.example', [10, 'first.example'], [20, 'second.example']);
  const pool = hosts.pool();
  expect(await send(pool, 'mail.example')).toEqual({ outcome: 'sent', reply: '250 2.0.0 queued (second.example)' });
  expect(await send(pool, 'mail.example')).toMatchObject({ outcome: 'sent' });
  expect(second.received.size).toBe(2);
});

/** What it says of us or of the recipient, or may have taken. */
test.each<[string, ScriptedRelayOptions['on'], object]>([
  [
    'refuses the recipient',
    (stage) => (stage === 'rcpt' ? '550 5.1.1 no such user' : undefined),
    { outcome: 'rejected', reason: 'user-unknown', reply: '550 5.1.1 no such user (first.example)' },
  ],
  [
    'greylists',
    (stage) => (stage === 'rcpt' ? '451 4.7.1 greylisted' : undefined),
    { outcome: 'deferred', reason: 'refused', reply: '451 4.7.1 greylisted (first.example)' },
  ],
  [
    'refuses our sender',
    (stage) => (stage === 'mail' ? '550 5.7.1 your address is listed' : undefined),
    { outcome: 'deferred', reason: 'refused', reply: '550 5.7.1 your address is listed (first.example)' },
  ],
  [
    'says nothing of what it took',
    (stage) => (stage === 'dot' ? 'drop' : undefined),
    {
      outcome: 'in-doubt',
      detail: expect.stringMatching(/^after the message was handed over: .* \(first\.example\)$/),
    },
  ],
])('where the first host %s, that is the answer', async (_, on, expected) => {
  await hosts.add('first.example', { on });
  const second = await hosts.add('second.example');
  hosts.domain('mail.example', [10, 'first.example'], [20, 'second.example']);
  expect(await send(hosts.pool(), 'mail.example')).toEqual(expected);
  expect(second.connections().total).toBe(0);
});

test.each<[string, (hosts: Hosts) => void, object]>([
  [
    'says that it takes no mail',
    (h) => h.domain('mail.example', [0, '']),
    { outcome: 'rejected', reason: 'invalid-domain' },
  ],
  [
    'is not there',
    () => undefined,
    { outcome: 'deferred', reason: 'invalid-domain', reply: 'mail.example has no address in DNS' },
  ],
  [
    'names a host that is not there',
    (h) => h.domain('mail.example', [0, 'lost.example']),
    { outcome: 'deferred', reason: 'invalid-domain' },
  ],
  [
    'cannot be looked up',
    (h) => h.mx.set('mail.example', { failed: 'ESERVFAIL' }),
    { outcome: 'deferred', reason: 'unreachable' },
  ],
])('nothing is sent to a domain that %s', async (_, tell, expected) => {
  tell(hosts);
  const result = await send(hosts.pool(), 'mail.example');
  expect(result).toMatchObject(expected);
  expect(result).not.toHaveProperty('relayFault');
});

test('where no name server answers, it is we who fail', async () => {
  hosts.mx.set('mail.example', { failed: 'ETIMEOUT' });
  hosts.isHeard = false;
  expect(await send(hosts.pool(), 'mail.example')).toMatchObject({ outcome: 'deferred', relayFault: true });
});

test('what cannot be reached at all is a failure of its recipients: no relay is down', async () => {
  await hosts.add('first.example', 'down');
  hosts.domain('mail.example', [10, 'first.example'], [20, 'lost.example']);
  expect(await send(hosts.pool(), 'mail.example')).toEqual({
    outcome: 'deferred',
    reason: 'unreachable',
    reply: expect.stringMatching(/^127\.0\.1\.1 takes no connection: ECONNREFUSED \(first\.example:\d+\)$/),
  });
});

test('servers of our own network are out of reach unless that is wanted', async () => {
  const relay = await hosts.add('inner.example');
  hosts.domain('mail.example', [10, 'inner.example']);
  expect(await send(hosts.pool({ mayBePrivate: false }), 'mail.example')).toEqual({
    outcome: 'deferred',
    reason: 'invalid-domain',
    reply: 'inner.example has no public address: 127.0.1.1',
  });
  expect(relay.connections().total).toBe(0);
});

test('of several addresses, the one that lets us in is used', async () => {
  await hosts.add('down.example', 'down');
  const relay = await hosts.add('up.example');
  hosts.addresses.set('both.example', { found: ['127.0.1.1', '127.0.1.2'] });
  hosts.domain('mail.example', [10, 'both.example']);
  expect(await send(hosts.pool(), 'mail.example')).toMatchObject({ outcome: 'sent' });
  expect(relay.received.size).toBe(1);
});

test('a host that fails is left alone, and found again; meanwhile others go on', async () => {
  const pool = () => hosts.pool({}, { rest: [60_000, 60_000] });
  let greeted = 0;
  await hosts.add('down.example', { on: (stage) => (stage === 'connect' ? ((greeted += 1), '554 no') : undefined) });
  const up = await hosts.add('up.example');
  hosts.domain('down.test', [10, 'down.example']);
  hosts.domain('up.test', [10, 'up.example']);
  const patient = pool();
  const first = await Promise.all([sendMany(patient, 30, 'down.test'), sendMany(patient, 30, 'up.test')]);
  expect(first[0]).toEqual(first[0].map(() => expect.objectContaining({ outcome: 'deferred', reason: 'refused' })));
  expect(up.received.size).toBe(30);
  const before = greeted;
  expect(await sendMany(patient, 30, 'down.test')).toEqual(first[0]);
  expect(greeted).toBe(before);
  const eager = hosts.pool({}, { rest: [0, 0], backOff: [0, 0] });
  await send(eager, 'down.test');
  await send(eager, 'down.test');
  expect(greeted).toBe(before + 2);
});

test('one message finds out whether a host is back, and the others do not wait for that', async () => {
  const [asked, back] = [gate(), gate()];
  let greeted = 0;
  await hosts.add('slow.example', {
    on: async (stage) => {
      if (stage !== 'connect') return undefined;
      greeted += 1;
      if (greeted === 1) return '421 4.3.2 starting';
      asked.open();
      await back.opened;
      return undefined;
    },
  });
  hosts.domain('mail.example', [10, 'slow.example']);
  const pool = hosts.pool({}, { rest: [0, 0], backOff: [0, 0] });
  await send(pool, 'mail.example');
  const finding = send(pool, 'mail.example');
  await asked.opened;
  expect(await send(pool, 'mail.example')).toMatchObject({ outcome: 'deferred', reply: expect.stringMatching(/^421/) });
  back.open();
  expect(await finding).toMatchObject({ outcome: 'sent' });
  expect(await send(pool, 'mail.example')).toMatchObject({ outcome: 'sent' });
});

test('all hosts together get no more connections than one process may have, and each gets its mail', async () => {
  let [open, most] = [0, 0];
  const on: ScriptedRelayOptions['on'] = (stage) => {
    if (stage === 'connect') most = Math.max(most, (open += 1));
    if (stage === 'quit') open -= 1;
    return stage === 'dot' ? delay(1, undefined) : undefined;
  };
  const relays: ScriptedRelay[] = [];
  for (let n = 0; n < 12; n += 1) {
    relays.push(await hosts.add(`mx${n}.example`, { on }));
    hosts.domain(`d${n}.example`, [10, `mx${n}.example`]);
  }
  // A connection without work is closed for another host, and not because of its age.
  const pool = hosts.pool({ connections: 3 }, { idleTimeout: 3_600_000 });
  const results = await Promise.all(relays.map((_, n) => sendMany(pool, 10, `d${n}.example`)));
  expect(results.flat().filter(({ outcome }) => outcome !== 'sent')).toEqual([]);
  expect(relays.map(({ received }) => received.size)).toEqual(relays.map(() => 10));
  expect(most).toBeLessThanOrEqual(3);
});

test('a host without a connection gets one that has nothing to do, or one of a host that has several', async () => {
  for (const name of ['busy', 'late', 'last']) {
    await hosts.add(`${name}.example`);
    hosts.domain(`${name}.test`, [10, `${name}.example`]);
  }
  const pool = hosts.pool({ connections: 2, messagesPerConnection: 1_000_000 }, { idleTimeout: 3_600_000 });
  // It takes both.
  await sendMany(pool, 20, 'busy.test');
  let left = 10_000;
  const feed = async (): Promise<void> => {
    while ((left -= 1) > 0) await send(pool, 'busy.test');
  };
  const feeding = Array.from({ length: 60 }, feed);
  expect(await send(pool, 'late.test')).toMatchObject({ outcome: 'sent' });
  // Long before the other one had nothing more to do.
  expect(left).toBeGreaterThan(5_000);
  left = 0;
  await Promise.all(feeding);
  expect(await send(pool, 'last.test')).toMatchObject({ outcome: 'sent' });
});

test('TLS that fails is left out where it is only opportunistic, and holds where it is required', async () => {
  const { certificate } = relayCertificate('valid');
  // It offers STARTTLS, and hangs up in the handshake.
  const relay = await hosts.add('mx.example', { tls: { certificate, key: 'no key', from: 'starttls' } });
  hosts.domain('mail.example', [10, 'mx.example']);
  expect(await send(hosts.pool({ tls: 'opportunistic' }), 'mail.example')).toMatchObject({ outcome: 'sent' });
  expect(await send(hosts.pool({ tls: 'required' }), 'mail.example')).toMatchObject({ outcome: 'deferred' });
  expect(relay.received.size).toBe(1);
});

test('a worker that is stopped blames nobody', async () => {
  const reached = gate();
  await hosts.add('mx.example', { on: (stage) => (stage === 'connect' ? (reached.open(), 'hang') : undefined) });
  hosts.domain('mail.example', [10, 'mx.example']);
  const pool = hosts.pool();
  const result = send(pool, 'mail.example');
  await reached.opened;
  await pool.abort();
  expect(await result).toMatchObject({ outcome: 'deferred', relayFault: true });
});

test('an envelope is tried at the same hosts', async () => {
  await hosts.add('first.example', 'down');
  const second = await hosts.add('second.example');
  hosts.domain('mail.example', [10, 'first.example'], [20, 'second.example']);
  expect(
    await hosts.pool().tryEnvelope({ sender: 'a@b.example', recipient: 'c@mail.example' }, Buffer.from('x\r\n')),
  ).toEqual({ outcome: 'accepted', reply: '250 2.1.5 ok (second.example)' });
  expect(second.received.size).toBe(0);
});
