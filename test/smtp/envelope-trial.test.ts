import { ConnectionPool } from '../../src/smtp/connection-pool.js';
import { parseRelayUrl } from '../../src/smtp/relay-url.js';
import { startScriptedRelay, type RelayAnswer, type RelayStage, type ScriptedRelay } from './scripted-relay.js';

let relay: ScriptedRelay;
let pool: ConnectionPool;
let stages: RelayStage[] = [];

async function open(
  on: (stage: RelayStage, recipient: string) => RelayAnswer = () => undefined,
  extensions?: readonly string[],
): Promise<void> {
  stages = [];
  relay = await startScriptedRelay({
    ...(extensions && { extensions }),
    on: (stage, { recipient }) => {
      stages.push(stage);
      return on(stage, recipient);
    },
  });
  pool = new ConnectionPool({ ...parseRelayUrl(relay.url), connections: 1 }, { backOff: [1, 1] });
}
afterEach(async () => {
  await pool.abort();
  await relay.close();
});

const bytes = Buffer.from('Message-ID: <1@shop.example>\r\n\r\nhello\r\n');
const envelope = (n: number) => ({ sender: 'bounce@shop.example', recipient: `reader${n}@mail.example` });
const tryThree = () => Promise.all([1, 2, 3].map((n) => pool.tryEnvelope(envelope(n), bytes)));
const refuseSecond = (stage: RelayStage, recipient: string): RelayAnswer =>
  stage === 'rcpt' && recipient.startsWith('reader2@') ? '550 5.1.1 no such user' : undefined;

const accepted = { outcome: 'accepted', reply: '250 2.1.5 ok' };
const unknown = { outcome: 'rejected', reason: 'user-unknown', reply: '550 5.1.1 no such user' };

test.each([
  ['with', ['PIPELINING'], 3],
  // A transaction that was given up is reset when the next one begins.
  ['without', [], 3],
])(
  'each recipient has its answer over one connection %s PIPELINING, and no message follows',
  async (_, extensions, resets) => {
    await open(refuseSecond, extensions);
    expect(await tryThree()).toEqual([accepted, unknown, accepted]);
    await pool.close();
    expect(stages.filter((stage) => stage === 'connect')).toHaveLength(1);
    expect(stages.filter((stage) => stage === 'rset')).toHaveLength(resets);
    expect(stages).not.toContain('data');
    expect(relay.received.size).toBe(0);
  },
);

test('with PIPELINING an envelope and its RSET are one write', async () => {
  let ahead = '';
  relay = await startScriptedRelay({
    on: (stage, context) => {
      if (stage === 'mail') ({ ahead } = context);
      return undefined;
    },
  });
  pool = new ConnectionPool(parseRelayUrl(relay.url));
  await pool.tryEnvelope(envelope(1), bytes);
  expect(ahead).toBe('RCPT TO:<reader1@mail.example>\r\nRSET\r\n');
});

test('messages and trials share a connection, and each gets what it asked for', async () => {
  await open(refuseSecond);
  const results = await Promise.all([
    pool.send(envelope(1), bytes),
    pool.tryEnvelope(envelope(2), bytes),
    pool.tryEnvelope(envelope(3), bytes),
    pool.send(envelope(4), bytes),
  ]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['sent', 'rejected', 'accepted', 'sent']);
  expect(stages.filter((stage) => stage === 'data')).toHaveLength(2);
  expect(stages.filter((stage) => stage === 'connect')).toHaveLength(1);
});

test.each<[string, (stage: RelayStage) => RelayAnswer, object]>([
  [
    'a refusal of the sender',
    (stage) => (stage === 'mail' ? '550 5.7.1 not you' : undefined),
    { outcome: 'deferred', relayFault: true, reply: '550 5.7.1 not you' },
  ],
  ['a connection that is lost behind the answer', (stage) => (stage === 'rset' ? 'drop' : undefined), accepted],
  ['nonsense behind the answer', (stage) => (stage === 'rset' ? '550 5.5.1 no RSET here' : undefined), accepted],
  [
    'a connection that is lost before it',
    (stage) => (stage === 'rcpt' ? 'drop' : undefined),
    { outcome: 'deferred', reason: 'unreachable', relayFault: true },
  ],
  [
    'a relay that is down',
    (stage) => (stage === 'connect' ? 'drop' : undefined),
    { outcome: 'deferred', relayFault: true },
  ],
])('%s is what it is', async (_, script, result) => {
  await open(script);
  expect(await pool.tryEnvelope(envelope(1), bytes)).toMatchObject(result);
  expect(stages).not.toContain('data');
});
