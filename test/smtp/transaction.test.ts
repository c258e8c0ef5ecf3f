import { sendMessage, type TransactionResult } from '../../src/smtp/transaction.js';
import { openConnection } from '../../src/smtp/open-connection.js';
import { parseRelayUrl } from '../../src/smtp/relay-url.js';
import { gate } from './gate.js';
import { startScriptedRelay, type RelayAnswer, type RelayStage, type ScriptedRelay } from './scripted-relay.js';

const messageId = '<0123456789abcdef0123456789abcdef@shop.example>';
const bytes = Buffer.from(`Message-ID: ${messageId}\r\nSubject: hello\r\n\r\n.dots\r\n..stay\r\n`);
const envelope = { sender: 'bounce@shop.example', recipient: 'reader@mail.example' };
const longWait = { envelope: 30_000, message: 30_000 };

let relay: ScriptedRelay | undefined;
afterEach(async () => {
  await relay?.close();
  relay = undefined;
});

async function sendOnce(
  script: Partial<Record<RelayStage, RelayAnswer>>,
  { extensions = ['PIPELINING'], timeouts = longWait, to = envelope.recipient } = {},
): Promise<TransactionResult> {
  relay = await startScriptedRelay({ on: (stage) => script[stage], extensions, keep: true });
  const connection = await openConnection(parseRelayUrl(relay.url), 10_000, new AbortController().signal);
  connection.on('error', () => undefined);
  const result = await sendMessage(connection, { ...envelope, recipient: to }, bytes, timeouts);
  connection.close();
  return result;
}

const unreachable = { outcome: 'deferred', reason: 'unreachable', relayFault: true };
const inDoubt = { outcome: 'in-doubt' };
const unknown = { outcome: 'rejected', reason: 'user-unknown', reply: '550 5.1.1 no such user' };
const full = { outcome: 'deferred', reason: 'mailbox-full', reply: '452 4.2.2 full' };

/** Stage, what the relay does there, what is known then, how often the relay has the message. */
const table: [RelayStage, RelayAnswer, object, number][] = [
  ['mail', 'drop', unreachable, 0],
  ['mail', 'hang', unreachable, 0],
  ['mail', '451 4.3.0 later', { outcome: 'deferred', relayFault: true }, 0],
  ['mail', '550 5.7.1 sender not allowed', { outcome: 'deferred', reason: 'refused', relayFault: true }, 0],
  ['mail', '552 5.3.4 too big', { outcome: 'rejected', reason: 'refused' }, 0],
  ['mail', '421 4.3.2 closing', { outcome: 'deferred', relayFault: true, reply: '421 4.3.2 closing' }, 0],
  ['rcpt', 'drop', unreachable, 0],
  ['rcpt', 'hang', unreachable, 0],
  ['rcpt', '550 5.1.1 no such user', unknown, 0],
  ['rcpt', '452 4.2.2 full', full, 0],
  ['rcpt', '552 5.2.2 full', { outcome: 'deferred', reason: 'mailbox-full' }, 0],
  ['rcpt', '421 4.7.0 closing', { outcome: 'deferred', reason: 'refused', relayFault: true }, 0],
  ['data', 'drop', unreachable, 0],
  ['data', 'hang', unreachable, 0],
  ['data', '451 4.3.0 not now', { outcome: 'deferred' }, 0],
  ['data', '554 5.7.1 no', { outcome: 'rejected', reason: 'refused' }, 0],
  ['body', 'drop', inDoubt, 0],
  ['body', 'hang', inDoubt, 0],
  ['dot', 'drop', inDoubt, 1],
  ['dot', 'hang', inDoubt, 1],
  ['dot', '550 5.1.1 no such user', unknown, 0],
  ['dot', '452 4.2.2 full', full, 0],
  ['dot', '554 5.7.1 spam', { outcome: 'rejected', reason: 'refused' }, 0],
  ['dot', '421 4.3.2 closing', { outcome: 'deferred', relayFault: true }, 0],
  ['dot', '299 odd', { outcome: 'sent', reply: '299 odd' }, 1],
  ['dot', '354 what?', inDoubt, 0],
  ['dot', 'gibberish', inDoubt, 0],
  ['accepted', 'drop', { outcome: 'sent', reply: '250 2.0.0 queued' }, 1],
  ['accepted', undefined, { outcome: 'sent', reply: '250 2.0.0 queued' }, 1],
];

describe.each([
  ['with pipelining', ['PIPELINING']],
  ['without pipelining', []],
])('sendMessage %s', (_, extensions) => {
  test.each(table)('%s → %s', async (stage, answer, expected, times) => {
    const handedOver = stage === 'body' || stage === 'dot';
    const timeouts = answer === 'hang' ? { ...longWait, [handedOver ? 'message' : 'envelope']: 200 } : longWait;
    expect(await sendOnce({ [stage]: answer }, { extensions, timeouts })).toEqual(expect.objectContaining(expected));
    expect(relay?.received.get(messageId) ?? 0).toBe(times);
  });
});

describe('sendMessage', () => {
  test('hands over the very bytes, dots and all', async () => {
    await sendOnce({});
    expect(relay?.messages[0]).toEqual({ ...envelope, messageId, bytes });
  });

  test('a recipient refused by a relay that takes DATA all the same stays refused', async () => {
    const result = await sendOnce({ rcpt: '550 5.1.1 no such user', data: '354 go on' });
    expect(result).toEqual(unknown);
    expect(relay?.received.size).toBe(0);
  });

  test('only a refusal of the recipient is no fault of the relay', async () => {
    expect(await sendOnce({ rcpt: '550 5.1.1 no such user' })).not.toHaveProperty('relayFault');
    await relay?.close();
    expect(await sendOnce({ mail: '530 5.7.0 login first' })).toHaveProperty('relayFault', true);
  });

  test('a message larger than the relay takes is refused without saying MAIL', async () => {
    const heard: RelayStage[] = [];
    relay = await startScriptedRelay({ on: (stage) => void heard.push(stage), extensions: ['SIZE 10'] });
    const connection = await openConnection(parseRelayUrl(relay.url), 10_000, new AbortController().signal);
    expect(await sendMessage(connection, envelope, bytes)).toMatchObject({ outcome: 'rejected', reason: 'refused' });
    expect(heard).toEqual(['connect', 'ehlo']);
    connection.close();
  });

  test('an address beyond ASCII is refused for that message alone where the relay has no SMTPUTF8', async () => {
    const result = await sendOnce({}, { to: 'grüße@mail.example' });
    expect(result).toMatchObject({
      outcome: 'rejected',
      reason: 'address-invalid',
      reply: expect.stringContaining('SMTPUTF8'),
    });
    expect(result).not.toHaveProperty('relayFault');
  });

  test('an address beyond ASCII is announced to a relay that offers SMTPUTF8', async () => {
    const lines: string[] = [];
    relay = await startScriptedRelay({ on: (_, { line }) => void lines.push(line), extensions: ['SMTPUTF8'] });
    const connection = await openConnection(parseRelayUrl(relay.url), 10_000, new AbortController().signal);
    const result = await sendMessage(connection, { ...envelope, recipient: 'grüße@mail.example' }, bytes);
    connection.close();
    expect(result.outcome).toBe('sent');
    expect(lines).toContain('MAIL FROM:<bounce@shop.example> SMTPUTF8');
  });

  test.each(['data', 'dot'] as const)(
    'closing the connection while the relay holds %s settles the message',
    async (held) => {
      const reached = gate();
      const release = gate();
      relay = await startScriptedRelay({
        on(stage) {
          if (stage !== held) return undefined;
          reached.open();
          return release.opened;
        },
      });
      const connection = await openConnection(parseRelayUrl(relay.url), 10_000, new AbortController().signal);
      const sending = sendMessage(connection, envelope, bytes);
      await reached.opened;
      connection.close();
      expect(await sending).toMatchObject({ outcome: held === 'dot' ? 'in-doubt' : 'deferred' });
      release.open();
    },
  );

  test('a connection that is closed already sends nothing', async () => {
    relay = await startScriptedRelay();
    const connection = await openConnection(parseRelayUrl(relay.url), 10_000, new AbortController().signal);
    connection.close();
    expect(await sendMessage(connection, envelope, bytes)).toMatchObject(unreachable);
  });
});
