import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { ConnectionPool, NotBegunError } from '../../src/smtp/connection-pool.js';
import { ConnectionShare } from '../../src/smtp/connection-share.js';
import { parseRelayUrl } from '../../src/smtp/relay-url.js';
import { RoutedPool } from '../../src/smtp/routed-pool.js';
import { gate } from './gate.js';
import { startScriptedRelay, type ScriptedRelay, type ScriptedRelayOptions } from './scripted-relay.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function relayWith(options: ScriptedRelayOptions = {}): Promise<ScriptedRelay> {
  const relay = await startScriptedRelay(options);
  closers.push(() => relay.close());
  return relay;
}

/** A port at which nobody listens, as long as no relay is started there. */
async function freePort(): Promise<number> {
  const relay = await startScriptedRelay();
  await relay.close();
  return relay.port;
}

const restMs = 50;

const poolOver = (...urls: string[]) => poolSharing(undefined, ...urls);

function poolSharing(share: ConnectionShare | undefined, ...urls: string[]): RoutedPool {
  const routes = urls.map((url) => {
    const options = parseRelayUrl(url);
    return { options, pool: new ConnectionPool(options, { backOff: [1, 1], ...(share && { share }) }) };
  });
  const pool = new RoutedPool(routes, share, [restMs, restMs]);
  closers.push(() => pool.abort());
  return pool;
}

let messages = 0;
const send = (pool: RoutedPool) =>
  pool.send(
    { sender: 'bounce@shop.example', recipient: 'reader@mail.example' },
    Buffer.from(`Message-ID: <${(messages += 1)}@shop.example>\r\n\r\nhello\r\n`),
  );
const sendMany = (pool: RoutedPool, count: number) => Promise.all(Array.from({ length: count }, () => send(pool)));
const local = (port: number, options = '') => `smtp://127.0.0.1:${port}?tls=none&connections=2${options}`;

/** How often each message was taken, by any of the relays. */
const taken = (...relays: ScriptedRelay[]) => relays.flatMap(({ received }) => [...received.values()]);

test('messages go to the addresses by their weights', async () => {
  const [large, small] = [await relayWith(), await relayWith()];
  const pool = poolOver(local(large.port, '&weight=3'), local(small.port));
  for (let round = 0; round < 10; round += 1) await sendMany(pool, 4);
  expect([large.received.size, small.received.size]).toEqual([30, 10]);
});

test('an address with more than it can do does not hold the others up', async () => {
  const slow = await relayWith({ on: (stage) => (stage === 'dot' ? delay(200, undefined) : undefined) });
  const quick = await relayWith();
  const pool = poolOver(local(slow.port, '&weight=100'), local(quick.port));
  let left = 60;
  // As many as a worker claims: three for each of the four connections.
  const sender = async (): Promise<void> => {
    while ((left -= 1) >= 0) await send(pool);
  };
  await Promise.all(Array.from({ length: 12 }, sender));
  expect(slow.received.size + quick.received.size).toBe(60);
  // It has six at a time, which keep their senders; the six others go on.
  expect(slow.received.size).toBeLessThanOrEqual(12);
});

test('where one dies, the others take what it did not, each message once; when it is back, it gets its share', async () => {
  const first = await relayWith();
  const second = await relayWith();
  const pool = poolOver(local(first.port), local(second.port));
  await sendMany(pool, 10);
  await first.close();
  const results = await sendMany(pool, 40);
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['sent']));
  expect(second.received.size).toBe(45);
  const back = await relayWith({ port: first.port });
  await delay(restMs);
  await sendMany(pool, 10);
  expect(back.received.size).toBe(5);
  expect(taken(first, second, back)).toEqual(Array.from({ length: 60 }, () => 1));
});

test('a backup gets messages only while all others are out', async () => {
  const [main, backup] = [await relayWith(), await relayWith()];
  const pool = poolOver(local(backup.port, '&backup=true'), local(main.port));
  await sendMany(pool, 10);
  expect(backup.received.size).toBe(0);
  await main.close();
  await sendMany(pool, 10);
  expect(backup.received.size).toBe(10);
  const back = await relayWith({ port: main.port });
  await delay(restMs);
  await sendMany(pool, 10);
  expect([back.received.size, backup.received.size]).toEqual([10, 10]);
});

test('what may have been taken, and what was refused for its recipient, goes nowhere else', async () => {
  const other = await relayWith();
  const silent = await relayWith({ on: (stage) => (stage === 'dot' ? 'drop' : undefined) });
  const doubtful = poolOver(local(silent.port), local(other.port, '&backup=true'));
  expect(await send(doubtful)).toMatchObject({ outcome: 'in-doubt' });
  const strict = await relayWith({ on: (stage) => (stage === 'rcpt' ? '550 5.1.1 no such user' : undefined) });
  const refusing = poolOver(local(strict.port), local(other.port, '&backup=true'));
  expect(await send(refusing)).toMatchObject({ outcome: 'rejected', reason: 'user-unknown' });
  expect(other.received.size).toBe(0);
});

test('an address that refuses our sender is one that fails', async () => {
  const strict = await relayWith({ on: (stage) => (stage === 'mail' ? '550 5.7.1 not you' : undefined) });
  const other = await relayWith();
  const pool = poolOver(local(strict.port, '&weight=100'), local(other.port));
  expect(await pool.tryEnvelope({ sender: 'a@b.example', recipient: 'c@d.example' }, Buffer.from('x\r\n'))).toEqual({
    outcome: 'accepted',
    reply: '250 2.1.5 ok',
  });
});

test('where all are down, the message is deferred and says why; one that comes back is found', async () => {
  const [one, two] = [await freePort(), await freePort()];
  const pool = poolOver(local(one), local(two));
  expect(await send(pool)).toMatchObject({ outcome: 'deferred', reason: 'unreachable', relayFault: true });
  const back = await relayWith({ port: two });
  await delay(restMs);
  expect(await sendMany(pool, 5)).toEqual(
    Array.from({ length: 5 }, () => expect.objectContaining({ outcome: 'sent' })),
  );
  expect(back.received.size).toBe(5);
});

describe('RoutedPool, where all addresses share some connections', () => {
  /** Relays that tell how many connections they have together. */
  function watched(): { on: ScriptedRelayOptions['on']; most: () => number } {
    let [open, most] = [0, 0];
    return {
      on: (stage) => {
        if (stage === 'connect') most = Math.max(most, (open += 1));
        if (stage === 'quit') open -= 1;
        return undefined;
      },
      most: () => most,
    };
  }

  test('no more are open than there may be, and as soon as there may be more, there are', async () => {
    const watch = watched();
    const [one, other] = [await relayWith(watch), await relayWith(watch)];
    const share = new ConnectionShare(1);
    const pool = poolSharing(share, local(one.port), local(other.port));
    await send(pool);
    expect(new Set((await sendMany(pool, 40)).map(({ outcome }) => outcome))).toEqual(new Set(['sent']));
    // The one that is open does it: none is opened at the other address for each second message.
    expect([watch.most(), one.connections().total + other.connections().total]).toEqual([1, 1]);
    share.limit = 3;
    await sendMany(pool, 40);
    expect(watch.most()).toBe(3);
    expect(taken(one, other)).toEqual(Array.from({ length: 81 }, () => 1));
    expect(Math.min(one.received.size, other.received.size)).toBeGreaterThan(0);
  });

  test('when there may be fewer, those beyond end after the message that they are sending', async () => {
    const [one, other] = [await relayWith(), await relayWith()];
    const share = new ConnectionShare(3);
    const pool = poolSharing(share, local(one.port), local(other.port));
    const all = sendMany(pool, 60);
    await sendMany(pool, 10);
    expect(share.occupied).toBe(3);
    share.limit = 1;
    expect(new Set((await all).map(({ outcome }) => outcome))).toEqual(new Set(['sent']));
    while (share.occupied > 1) await turn();
  });

  test('the one connection that there may be goes to the address that is up', async () => {
    const other = await relayWith();
    const pool = poolSharing(new ConnectionShare(1), local(await freePort()), local(other.port));
    expect(new Set((await sendMany(pool, 20)).map(({ outcome }) => outcome))).toEqual(new Set(['sent']));
    expect(other.connections().total).toBe(1);
  });

  test('what waits is given back once there may be none', async () => {
    const begun = gate();
    const held = gate();
    const relay = await relayWith({ on: (stage) => (stage === 'dot' ? (begun.open(), held.opened) : undefined) });
    const share = new ConnectionShare(1);
    const pool = poolSharing(share, local(relay.port), local(await freePort(), '&backup=true'));
    // The second one's envelope rides on the first.
    const [first, second, third] = [send(pool), send(pool), send(pool)];
    await begun.opened;
    share.limit = 0;
    await expect(third).rejects.toBeInstanceOf(NotBegunError);
    held.open();
    expect(await Promise.all([first, second])).toMatchObject([{ outcome: 'sent' }, { outcome: 'sent' }]);
  });

  test('a message that moves to another address is asked for once more, and may be kept back', async () => {
    const relay = await relayWith({ on: (stage) => (stage === 'mail' ? 'drop' : undefined) });
    const other = await relayWith();
    const pool = poolOver(local(relay.port), local(other.port, '&backup=true'));
    const asked: boolean[] = [];
    const once = (): boolean => asked.push(true) === 1;
    const sent = pool.send({ sender: 'a@b.example', recipient: 'c@d.example' }, Buffer.from('x\r\n'), once);
    await expect(sent).rejects.toBeInstanceOf(NotBegunError);
    expect(asked).toHaveLength(2);
    expect(other.received.size).toBe(0);
  });
});
