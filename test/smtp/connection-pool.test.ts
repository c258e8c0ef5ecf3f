import { ConnectionPool, type PoolOptions } from '../../src/smtp/connection-pool.js';
import { parseRelayUrl, type RelayOptions } from '../../src/smtp/relay-url.js';
import { gate } from './gate.js';
import { startScriptedRelay, type ScriptedRelay, type ScriptedRelayOptions } from './scripted-relay.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(script?: ScriptedRelayOptions['on'], extensions?: string[]): Promise<ScriptedRelay> {
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

  test('a message that meets a second connection at its end is deferred', async () => {
    const both = gate();
    const relay = await start((stage, { connection, transaction }) => {
      if (stage === 'mail' && transaction === 2) return 'drop';
      if (stage !== 'dot') return undefined;
      if (connection === 2) both.open();
      return both.opened;
    });
    const pool = poolFor(relay.url, { connections: 2 });
    await sendMany(pool, 2);
    expect(await pool.send(...message(2))).toMatchObject(fault);
    expect(relay.connections().total).toBe(2);
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
