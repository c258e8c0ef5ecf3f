import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { ConnectionPool, type PoolOptions } from '../../src/smtp/connection-pool.js';
import { parseRelayUrl, type RelayOptions } from '../../src/smtp/relay-url.js';
import { gate } from './gate.js';
import {
  startScriptedRelay,
  type RelayAnswer,
  type RelayStage,
  type ScriptedRelay,
  type ScriptedRelayOptions,
} from './scripted-relay.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(script?: ScriptedRelayOptions['on'], extensions?: readonly string[]): Promise<ScriptedRelay> {
  const relay = await startScriptedRelay({ on: script, ...(extensions && { extensions }) });
  closers.push(() => relay.close());
  return relay;
}

function poolFor(url: string, relay: Partial<RelayOptions> = {}, options: PoolOptions = {}): ConnectionPool {
  const pool = new ConnectionPool({ ...parseRelayUrl(url), ...relay }, options);
  closers.push(() => pool.abort());
  return pool;
}

const message = (n: number) =>
  [
    { sender: 'bounce@shop.example', recipient: `reader${n}@mail.example` },
    Buffer.from(`Message-ID: <${n}@shop.example>\r\n\r\nhello\r\n`),
  ] as const;

const sendMany = (pool: ConnectionPool, count: number) =>
  Promise.all(Array.from({ length: count }, (_, n) => pool.send(...message(n))));

const fault = { outcome: 'deferred', reason: 'unreachable', relayFault: true };

describe('ConnectionPool', () => {
  test('delivers each message once, over no more connections than allowed', async () => {
    const relay = await start();
    const pool = poolFor(relay.url, { connections: 4 });
    const results = await sendMany(pool, 200);
    expect(results.every(({ outcome }) => outcome === 'sent')).toBe(true);
    expect(relay.received.size).toBe(200);
    expect(new Set(relay.received.values())).toEqual(new Set([1]));
    expect(relay.connections().total).toBeLessThanOrEqual(4);
  });

  test('opens no more connections than messages wait', async () => {
    const relay = await start();
    const pool = poolFor(relay.url, { connections: 20 });
    await sendMany(pool, 2);
    expect(relay.connections().total).toBe(2);
  });

  test('goes on over the same connection after a refusal, with RSET between', async () => {
    const stages: string[] = [];
    const relay = await start((stage, { recipient }) => {
      stages.push(stage);
      return stage === 'rcpt' && recipient.startsWith('reader0@') ? '550 5.1.1 no such user' : undefined;
    });
    const pool = poolFor(relay.url, { connections: 1 });
    const [refused, sent] = await sendMany(pool, 2);
    expect(refused).toMatchObject({ outcome: 'rejected', reason: 'user-unknown' });
    expect(sent).toMatchObject({ outcome: 'sent' });
    expect(stages.filter((stage) => stage === 'connect' || stage === 'rset')).toEqual(['connect', 'rset']);
  });

  test('replaces a connection after the given number of messages', async () => {
    const relay = await start();
    const pool = poolFor(relay.url, { connections: 1, messagesPerConnection: 2 });
    await sendMany(pool, 5);
    expect(relay.connections().total).toBe(3);
  });

  test('a connection that dies in the dialogue costs its own message only', async () => {
    const relay = await start((stage, { recipient }) =>
      stage === 'dot' && recipient.startsWith('reader1@') ? 'drop' : undefined,
    );
    const pool = poolFor(relay.url, { connections: 1 });
    const results = await sendMany(pool, 4);
    expect(results.map(({ outcome }) => outcome)).toEqual(['sent', 'in-doubt', 'sent', 'sent']);
    expect(new Set(relay.received.values())).toEqual(new Set([1]));
  });

  test.each(['drop', '421 4.7.0 too many messages on this connection'])(
    'a message that meets a used connection at its end (%s) moves to a new one, once',
    async (answer) => {
      const relay = await start((stage, { transaction }) =>
        stage === 'mail' && transaction === 2 ? answer : undefined,
      );
      const pool = poolFor(relay.url, { connections: 1 });
      const results = await sendMany(pool, 4);
      expect(results.map(({ outcome }) => outcome)).toEqual(['sent', 'sent', 'sent', 'sent']);
      expect(relay.connections().total).toBe(4);
      expect(new Set(relay.received.values())).toEqual(new Set([1]));
    },
  );

  test('a message that met a connection at its end is not given to another old one', async () => {
    const both = gate();
    const relay = await start((stage, { connection, transaction }) => {
      if (stage === 'mail' && transaction === 2) return 'drop';
      if (stage !== 'dot') return undefined;
      if (connection === 2) both.open();
      return connection === 1 ? both.opened : undefined;
    });
    const pool = poolFor(relay.url, { connections: 3 });
    await sendMany(pool, 2);
    expect(pool.open).toBe(2);
    expect(await pool.send(...message(2))).toMatchObject({ outcome: 'sent' });
    expect(relay.connections()).toEqual({ total: 3, open: 2 });
  });

  test('a message that moved to a new connection and loses that too is deferred', async () => {
    const relay = await start((stage, { connection, transaction }) =>
      stage === 'mail' && (connection === 2 || transaction === 2) ? 'drop' : undefined,
    );
    const pool = poolFor(relay.url, { connections: 1 });
    expect((await sendMany(pool, 2))[1]).toMatchObject(fault);
    expect(relay.connections().total).toBe(2);
  });

  test.each([
    ['over an old one', undefined, { outcome: 'sent' }],
    ['over an old one, and is deferred when that ends too', 'drop', { ...fault, reply: expect.stringMatching(/MAIL/) }],
  ] as const)('where no new connection is to be had, it goes %s', async (_, answer, expected) => {
    const busy = gate();
    const relay = await start((stage, { connection, transaction }) => {
      if (stage === 'connect' && connection > 2) return '421 4.7.0 too many connections';
      if (stage === 'dot' && connection === 1 && transaction === 1) return busy.opened;
      if (stage !== 'mail' || transaction === 1) return undefined;
      if (connection === 1) return answer;
      busy.open();
      return 'drop';
    });
    const pool = poolFor(relay.url, { connections: 2 }, { backOff: [60_000, 60_000] });
    const [first, second] = [pool.send(...message(0)), pool.send(...message(1))];
    await second;
    expect(await pool.send(...message(2))).toMatchObject(expected);
    expect(await first).toMatchObject({ outcome: 'sent' });
    expect(relay.connections().total).toBe(3);
  });

  test('a message that loses a new connection is deferred', async () => {
    const relay = await start((stage) => (stage === 'mail' ? 'drop' : undefined));
    const pool = poolFor(relay.url);
    expect(await pool.send(...message(0))).toMatchObject(fault);
    expect(relay.connections().total).toBe(1);
  });

  test('a message in doubt is never tried again', async () => {
    const relay = await start((stage, { transaction }) => (stage === 'dot' && transaction === 2 ? 'drop' : undefined));
    const pool = poolFor(relay.url, { connections: 1 });
    const results = await sendMany(pool, 4);
    expect(results.map(({ outcome }) => outcome)).toEqual(['sent', 'in-doubt', 'sent', 'in-doubt']);
    expect(new Set(relay.received.values())).toEqual(new Set([1]));
  });

  test.each<[string, RelayStage, RelayAnswer]>([
    ['with 421 to the next MAIL', 'mail', '421 4.7.0 too many messages on this connection'],
    ['without a word at the next MAIL', 'mail', 'drop'],
    ['with 421 behind the last reply', 'accepted', '421 4.7.0 too many messages on this connection'],
    ['without a word behind the last reply', 'accepted', 'drop'],
    ['by an empty answer to the last message', 'dot', { raw: '250 2.0.0 queued\r\n421 4.7.0 enough\r\n' }],
  ])('a relay that ends each connection after some messages, %s, gets everything once', async (_, at, answer) => {
    for (const extensions of [['PIPELINING'], []]) {
      const relay = await start((stage, { transaction }) => {
        return stage === at && transaction === (at === 'mail' ? 6 : 5) ? answer : undefined;
      }, extensions);
      const results = await sendMany(poolFor(relay.url, { connections: 3 }), 60);
      expect(results.filter(({ outcome }) => outcome !== 'sent')).toEqual([]);
      expect([relay.received.size, ...new Set(relay.received.values())]).toEqual([60, 1]);
      expect(relay.connections().total).toBeGreaterThanOrEqual(12);
    }
  });

  test('a message waits for a connection that is being opened, and not behind another message', async () => {
    const [handedOver, second] = [gate(), gate()];
    const relay = await start((stage, { connection }) => {
      if (stage === 'connect' && connection === 2) return handedOver.opened;
      if (stage !== 'dot' || connection === 2) return undefined;
      handedOver.open();
      return second.opened;
    });
    const pool = poolFor(relay.url, { connections: 2 });
    const first = pool.send(...message(0));
    expect(await pool.send(...message(1))).toMatchObject({ outcome: 'sent' });
    second.open();
    expect(await first).toMatchObject({ outcome: 'sent' });
  });

  test('a relay that grants fewer connections than wanted still gets everything', async () => {
    const relay = await start((stage, { connection }) =>
      stage === 'connect' && connection > 2 ? '421 4.7.0 too many connections' : undefined,
    );
    const pool = poolFor(relay.url, { connections: 10 });
    const results = await sendMany(pool, 50);
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['sent']));
  });
});

describe('ConnectionPool, where the relay is down', () => {
  test('tells every waiting message at once, and makes no further attempt during the back-off', async () => {
    const relay = await start((stage) => (stage === 'connect' ? '554 5.3.2 no service' : undefined));
    const pool = poolFor(relay.url, { connections: 3 }, { backOff: [60_000, 60_000] });
    const results = await sendMany(pool, 50);
    expect(results).toEqual(Array.from({ length: 50 }, () => expect.objectContaining(fault)));
    expect(results[0]).toMatchObject({ reply: expect.stringContaining('554 5.3.2 no service') });
    const before = relay.connections().total;
    expect(await pool.send(...message(0))).toMatchObject(fault);
    expect(relay.connections().total).toBe(before);
  });

  test('tries again after the back-off', async () => {
    const relay = await start((stage, { connection }) =>
      stage === 'connect' && connection === 1 ? '421 4.3.2 starting' : undefined,
    );
    const pool = poolFor(relay.url, { connections: 1 }, { backOff: [0, 0] });
    expect(await pool.send(...message(0))).toMatchObject(fault);
    expect(await pool.send(...message(0))).toMatchObject({ outcome: 'sent' });
  });

  test('says so of a port where nobody listens', async () => {
    const relay = await start();
    await relay.close();
    closers.length = 0;
    expect(await poolFor(relay.url).send(...message(0))).toMatchObject(fault);
  });

  test('logs in once with a password that is refused, whatever waits, and not again for minutes', async () => {
    const logins: string[] = [];
    const relay = await start(
      (stage) => (stage === 'auth' ? (logins.push(stage), '535 5.7.8 bad credentials') : undefined),
      ['AUTH PLAIN'],
    );
    const pool = poolFor(relay.url.replace('//', '//mailer:sesame@'), { connections: 20 }, { backOff: [0, 0] });
    const results = [...(await sendMany(pool, 50)), ...(await sendMany(pool, 50))];
    expect(results).toEqual(results.map(() => expect.objectContaining(fault)));
    expect(logins).toHaveLength(1);
  });

  test('logs in once, too, when a password that was good is good no more', async () => {
    let logins = 0;
    const relay = await start(
      (stage) => (stage === 'auth' && ++logins > 1 ? '535 5.7.8 bad credentials' : undefined),
      ['AUTH PLAIN'],
    );
    const pool = poolFor(relay.url.replace('//', '//mailer:sesame@'), { connections: 20 }, { idleTimeout: 1 });
    expect(await pool.send(...message(0))).toMatchObject({ outcome: 'sent' });
    while (pool.open > 0) await turn();
    expect(await sendMany(pool, 50)).toEqual(Array.from({ length: 50 }, () => expect.objectContaining(fault)));
    expect(logins).toBe(2);
  });

  test('logs in again soon where the relay could not look at the password', async () => {
    let down = true;
    const relay = await start(
      (stage) => (stage === 'auth' && down ? '454 4.7.0 temporary authentication failure' : undefined),
      ['AUTH PLAIN'],
    );
    const pool = poolFor(relay.url.replace('//', '//mailer:sesame@'), {}, { backOff: [0, 0] });
    expect(await pool.send(...message(0))).toMatchObject(fault);
    down = false;
    expect(await pool.send(...message(0))).toMatchObject({ outcome: 'sent' });
  });

  test('says so of a relay that refuses the login, without the password', async () => {
    const relay = await start((stage) => (stage === 'auth' ? '535 5.7.8 bad credentials' : undefined), ['AUTH PLAIN']);
    const pool = poolFor(relay.url.replace('//', '//mailer:sesame@'));
    const result = await pool.send(...message(0));
    expect(result).toMatchObject({
      ...fault,
      reply: expect.stringContaining('refused the login: 535 5.7.8 bad credentials'),
    });
    expect(JSON.stringify(result)).not.toMatch(/sesame|mailer/);
  });

  test('logs in where the relay asks for it', async () => {
    const relay = await start(
      (stage, { line }) => {
        const [, secret = ''] = /^AUTH PLAIN (\S+)/.exec(line) ?? [];
        if (stage !== 'auth') return undefined;
        return Buffer.from(secret, 'base64').toString() === '\0mailer\0ses@me' ? undefined : '535 no';
      },
      ['AUTH PLAIN'],
    );
    const pool = poolFor(relay.url.replace('//', '//mailer:ses%40me@'));
    expect(await pool.send(...message(0))).toMatchObject({ outcome: 'sent' });
  });

  test.each([
    ['offers no login though its URL has a user', 'user:pass@', 'tls=none', 'offers no login'],
    ['offers no TLS where it is required', '', 'tls=required', 'STARTTLS'],
  ])('says so of a relay that %s', async (_, login, tls, sentence) => {
    const relay = await start();
    const pool = poolFor(relay.url.replace('//', `//${login}`).replace('tls=none', tls));
    const result = await pool.send(...message(0));
    expect(result).toMatchObject({ ...fault });
    expect(JSON.stringify(result)).toMatch(new RegExp(`${sentence}|502`));
  });

  test('gives up on a relay that does not greet', async () => {
    const relay = await start((stage) => (stage === 'connect' ? 'hang' : undefined));
    const pool = poolFor(relay.url, {}, { openTimeout: 100 });
    expect(await pool.send(...message(0))).toMatchObject(fault);
  });
});

describe('ConnectionPool, whatever the relay does', () => {
  const silences: RelayAnswer[] = ['drop', 'reset', 'half-close', 'gibberish'];
  const replies: RelayAnswer[] = [
    { raw: '250-ok' },
    '421 4.3.2 closing',
    '452 4.2.2 full',
    '550 5.1.1 no such user',
    '250 2.0.0 ok',
    '354 go on',
    { raw: '250 2.0.0 ok\r\n250 2.0.0 ok\r\n' },
    { raw: '354 go on\r\n250 2.0.0 ok\r\n' },
  ];
  const stages: RelayStage[] = ['ehlo', 'mail', 'rcpt', 'data', 'dot', 'accepted', 'rset'];
  /** How often the stage is passed before it happens. */
  const after = fc.nat(6);
  const mishap = fc.oneof(
    fc.record({ stage: fc.constantFrom(...stages), answer: fc.constantFrom(...silences, ...replies), after }),
    // An answer to half a message, and another one to all of it, would leave nobody anything to know.
    fc.record({ stage: fc.constant<RelayStage>('body'), answer: fc.constantFrom(...silences), after }),
  );

  test.each([[['PIPELINING']], [[]]])(
    'each message has one result, and a relay that offers %j has it if that says so',
    async (extensions) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(mishap, { minLength: 1, maxLength: 8 }),
          fc.integer({ min: 1, max: 3 }),
          async (mishaps, connections) => {
            const left = mishaps.map((one) => ({ ...one }));
            const relay = await startScriptedRelay({
              extensions,
              on(stage) {
                const at = left.findIndex((one) => one.stage === stage && one.after-- <= 0);
                return at < 0 ? undefined : left.splice(at, 1)[0]?.answer;
              },
            });
            const timeouts = { envelope: 150, message: 150 };
            const pool = new ConnectionPool(
              { ...parseRelayUrl(relay.url), connections },
              { backOff: [0, 0], openTimeout: 150, timeouts },
            );
            const results = await sendMany(pool, 20);
            await pool.abort();
            await relay.close();
            const times = results.map((_, n) => relay.received.get(`<${n}@shop.example>`) ?? 0);
            const possible = { sent: [1], rejected: [0], deferred: [0], 'in-doubt': [0, 1] };
            expect(results.filter(({ outcome }, n) => !possible[outcome].includes(times[n] ?? 0))).toEqual([]);
          },
        ),
        { numRuns: 30 },
      );
    },
  );
});

describe('ConnectionPool, closing', () => {
  test('close finishes what waits and says QUIT', async () => {
    const stages: string[] = [];
    const relay = await start((stage) => void stages.push(stage));
    const pool = poolFor(relay.url, { connections: 1 });
    const results = sendMany(pool, 10);
    await pool.close();
    expect((await results).every(({ outcome }) => outcome === 'sent')).toBe(true);
    expect(stages.at(-1)).toBe('quit');
    await expect(pool.send(...message(1))).rejects.toThrow('closed');
  });

  test('abort settles the message being sent by its stage and defers the waiting ones', async () => {
    const reached = gate();
    const release = gate();
    const relay = await start((stage) => {
      if (stage !== 'dot') return undefined;
      reached.open();
      return release.opened;
    });
    const pool = poolFor(relay.url, { connections: 1 });
    const results = sendMany(pool, 3);
    await reached.opened;
    await pool.abort();
    expect((await results).map(({ outcome }) => outcome)).toEqual(['in-doubt', 'deferred', 'deferred']);
    expect(pool.open).toBe(0);
    release.open();
  });

  test('abort does not wait for a relay that does not greet', async () => {
    const reached = gate();
    const relay = await start((stage) => {
      reached.open();
      return stage === 'connect' ? 'hang' : undefined;
    });
    const pool = poolFor(relay.url);
    const result = pool.send(...message(0));
    await reached.opened;
    await pool.abort();
    expect(await result).toMatchObject({ outcome: 'deferred' });
  });

  test('a connection without work says QUIT', async () => {
    const quit = gate();
    const relay = await start((stage) => void (stage === 'quit' && quit.open()));
    const pool = poolFor(relay.url, {}, { idleTimeout: 1 });
    await pool.send(...message(0));
    await quit.opened;
  });

  test('more waiting messages than agreed are the caller’s mistake', async () => {
    const relay = await start();
    const pool = poolFor(relay.url, { connections: 1 }, { maxWaiting: 2 });
    const sent = sendMany(pool, 2);
    await expect(pool.send(...message(2))).rejects.toThrow('more than 2 messages wait');
    await sent;
  });
});
