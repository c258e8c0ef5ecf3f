import { ConnectionPool } from '../../src/smtp/connection-pool.js';
import { openConnection, takeOver } from '../../src/smtp/open-connection.js';
import { parseRelayUrl, type RelayOptions } from '../../src/smtp/relay-url.js';
import { sendOverOneSession } from './one-session.js';
import { relayCertificate } from './relay-certificates.js';
import {
  startScriptedRelay,
  type RelayStage,
  type ScriptedRelay,
  type ScriptedRelayOptions,
} from './scripted-relay.js';

let relay: ScriptedRelay | undefined;
afterEach(async () => {
  await relay?.close();
  relay = undefined;
});

/** @param own - of the relay's URL */
async function start(options: ScriptedRelayOptions, own: Partial<RelayOptions> = {}): Promise<RelayOptions> {
  relay = await startScriptedRelay(options);
  return { ...parseRelayUrl(relay.url), ...own };
}

const open = (options: RelayOptions) => openConnection(options, 10_000, new AbortController().signal);

const message = {
  envelope: { sender: 'bounce@shop.example', recipient: 'reader@mail.example' },
  bytes: Buffer.from('Message-ID: <1@shop.example>\r\n\r\n.hello\r\n'),
};

describe('takeOver', () => {
  test('leaves no listener of nodemailer’s, and those that Node has on its own sockets', async () => {
    const connection = await open(await start({}));
    const { socket } = takeOver(connection, parseRelayUrl('smtp://127.0.0.1'));
    const count = (event: string) => socket.listenerCount(event);
    expect(['data', 'error', 'close', 'timeout'].map(count)).toEqual([0, 0, 0, 0]);
    expect(count('end')).toBe(1);
    expect(socket.timeout).toBe(0);
    // Whatever nodemailer may do yet, it does not do it to this socket.
    connection.close();
    expect(socket.writable).toBe(true);
    socket.on('error', () => undefined).destroy();
  });

  test.each([
    [
      'offers what we use',
      { extensions: ['PIPELINING', 'SIZE 1000'] },
      { pipelining: true, smtpUtf8: false, size: 1_000 },
    ],
    [
      'knows only HELO',
      { on: (stage: RelayStage) => (stage === 'ehlo' ? '502 no' : undefined) },
      { pipelining: false, smtpUtf8: false },
    ],
  ])('of a relay that %s', async (_, options, expected) => {
    const { socket, capabilities } = takeOver(await open(await start(options)), parseRelayUrl('smtp://127.0.0.1'));
    expect(capabilities).toEqual(expected);
    socket.on('error', () => undefined).destroy();
  });

  test('of a relay that closes right behind its greeting says so', async () => {
    const options = await start({
      on: (stage) => (stage === 'ehlo' ? '250 scripted.test\r\n421 4.7.0 too many connections' : undefined),
    });
    const connection = await open(options);
    expect(() => takeOver(connection, options)).toThrow('out of turn: 421 4.7.0 too many connections (127.0.0.1:');
  });

  test('of a connection that has ended meanwhile says so', async () => {
    const options = await start({});
    const connection = await open(options);
    connection.close();
    expect(() => takeOver(connection, options)).toThrow('the connection was closed (127.0.0.1:');
  });
});

describe('TLS', () => {
  test.each([
    ['starttls', { tls: 'opportunistic' }],
    ['start', { secure: true, tls: 'opportunistic' }],
  ] as const)('from %s: the message arrives as it is', async (from, own) => {
    const stages: RelayStage[] = [];
    const options = await start(
      { on: (stage) => void stages.push(stage), tls: { ...relayCertificate('expired'), from }, keep: true },
      own,
    );
    const fates = await sendOverOneSession(relay?.url ?? '', [message, message], { relay: options });
    expect(fates).toMatchObject([{ outcome: 'sent' }, { outcome: 'sent' }]);
    expect(relay?.messages.map(({ bytes }) => bytes)).toEqual([message.bytes, message.bytes]);
    expect(stages.includes('starttls')).toBe(from === 'starttls');
  });

  test('many messages over few connections are all sent: no reply is taken for one that came too early', async () => {
    const options = await start(
      { tls: { ...relayCertificate('expired'), from: 'starttls' } },
      { tls: 'opportunistic' },
    );
    const pool = new ConnectionPool({ ...options, connections: 3 });
    const bytes = Buffer.alloc(20_000, `${'x'.repeat(74)}\r\n`);
    const results = await Promise.all(Array.from({ length: 300 }, () => pool.send(message.envelope, bytes)));
    await pool.close();
    expect(results.filter(({ outcome }) => outcome !== 'sent')).toEqual([]);
  });

  test.each([
    ['starttls', false],
    ['start', true],
  ] as const)(
    'from %s, with a certificate that nobody vouches for, is none where it is required',
    async (from, secure) => {
      const heard: RelayStage[] = [];
      const options = await start(
        { on: (stage) => void heard.push(stage), tls: { ...relayCertificate('valid'), from } },
        { tls: 'required', secure },
      );
      await expect(open(options)).rejects.toThrow(/^nobody whom this machine trusts vouches .* \(127\.0\.0\.1:\d+\)$/);
      expect(heard).not.toContain('mail');
    },
  );
});
