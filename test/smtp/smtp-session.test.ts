import type { SmtpSession } from '../../src/smtp/smtp-session.js';
import { gate } from './gate.js';
import { longWait, sendOverOneSession, type Fate, type Message } from './one-session.js';
import {
  startScriptedRelay,
  type RelayAnswer,
  type RelayStage,
  type ScriptedRelay,
  type ScriptedRelayOptions,
} from './scripted-relay.js';

const text = 'Subject: hello\r\n\r\n.dots\r\n..stay\r\n';
const message = (n: number): Message => ({
  envelope: { sender: 'bounce@shop.example', recipient: `reader${n}@mail.example` },
  bytes: Buffer.from(`Message-ID: <${n}@shop.example>\r\n${text}`),
});
const [one, two, three] = [message(1), message(2), message(3)];

let relay: ScriptedRelay | undefined;
afterEach(async () => {
  await relay?.close();
  relay = undefined;
});

async function start(options: ScriptedRelayOptions): Promise<ScriptedRelay> {
  relay = await startScriptedRelay(options);
  return relay;
}

const taken = () => Object.fromEntries(relay?.received ?? []);
const pipelining = { extensions: ['PIPELINING'] };

const unreachable = { outcome: 'deferred', reason: 'unreachable', relayFault: true };
const inDoubt = { outcome: 'in-doubt', detail: expect.stringMatching(/^after the message was handed over: /) };
const sent = { outcome: 'sent', reply: '250 2.0.0 queued' };
const unknown = { outcome: 'rejected', reason: 'user-unknown', reply: '550 5.1.1 no such user' };
const full = { outcome: 'deferred', reason: 'mailbox-full', reply: '452 4.2.2 full' };

/** What is no answer, in every way that we could think of. */
const nonsense: [string, RelayAnswer][] = [
  ['drops the connection', 'drop'],
  ['resets the connection', 'reset'],
  ['closes its half of the connection', 'half-close'],
  ['says nothing', 'hang'],
  ['says what is no reply', 'gibberish'],
  ['says what is nearly a reply', { raw: '250\tok\r\n' }],
  ['begins a line that never ends', { raw: '2'.repeat(100_000) }],
  ['begins a reply that never ends', { raw: '250-and\r\n'.repeat(10_000) }],
  ['changes its mind within a reply', '250-ok\r\n550 no'],
  ['says what is for another stage', '334 go on'],
];

/** Stage, what the relay does there, what is known then, how often the relay has the message. */
const table: [RelayStage, RelayAnswer, object, number][] = [
  ['mail', '354 go on', unreachable, 0],
  ['mail', '451 4.3.0 later', { outcome: 'deferred', relayFault: true }, 0],
  ['mail', '550 5.7.1 sender not allowed', { outcome: 'deferred', reason: 'refused', relayFault: true }, 0],
  ['mail', '552 5.3.4 too big', { outcome: 'rejected', reason: 'refused' }, 0],
  ['mail', '421 4.3.2 closing', { ...unreachable, reply: '421 4.3.2 closing' }, 0],
  ['rcpt', '354 go on', unreachable, 0],
  ['rcpt', '550 5.1.1 no such user', unknown, 0],
  ['rcpt', '452 4.2.2 full', full, 0],
  ['rcpt', '552 5.2.2 full', { outcome: 'deferred', reason: 'mailbox-full' }, 0],
  ['rcpt', '421 4.7.0 closing', { outcome: 'deferred', reason: 'refused', relayFault: true }, 0],
  ['data', '250 ok', unreachable, 0],
  ['data', '451 4.3.0 not now', { outcome: 'deferred' }, 0],
  ['data', '554 5.7.1 no', { outcome: 'rejected', reason: 'refused' }, 0],
  ['data', '421 4.3.2 closing', unreachable, 0],
  ['dot', '550 5.1.1 no such user', unknown, 0],
  ['dot', '550-5.1.1 no such\r\n550 5.1.1 user', unknown, 0],
  ['dot', '452 4.2.2 full', full, 0],
  ['dot', '554 5.7.1 spam', { outcome: 'rejected', reason: 'refused' }, 0],
  ['dot', '421 4.3.2 closing', unreachable, 0],
  ['dot', '299 odd', { outcome: 'sent', reply: '299 odd' }, 1],
  ['dot', '250', { outcome: 'sent', reply: '250' }, 1],
  ['dot', '354 what?', inDoubt, 0],
  ['accepted', 'drop', sent, 1],
  ['accepted', '421 4.3.2 closing', sent, 1],
  ['accepted', 'gibberish', sent, 1],
  ['accepted', undefined, sent, 1],
];

describe.each([
  ['with pipelining', ['PIPELINING']],
  ['without pipelining', []],
])('one message, %s', (_, extensions) => {
  async function sendOne(script: Partial<Record<RelayStage, RelayAnswer>>): Promise<Fate | undefined> {
    const { url } = await start({ on: (stage) => script[stage], extensions });
    const hangs = Object.values(script).includes('hang');
    const timeouts = hangs ? { ...longWait, envelope: 200, message: 200 } : longWait;
    return (await sendOverOneSession(url, [one], { timeouts }))[0];
  }

  test.each(table)('at %s %j', async (stage, answer, expected, times) => {
    expect(await sendOne({ [stage]: answer })).toEqual(expect.objectContaining(expected));
    expect(taken()).toEqual(times === 0 ? {} : { '<1@shop.example>': times });
  });

  test.each((['mail', 'rcpt', 'data'] as const).flatMap((stage) => nonsense.map((row) => [stage, ...row] as const)))(
    'a relay that at %s %s has nothing of the message',
    async (stage, _what, answer) => {
      expect(await sendOne({ [stage]: answer })).toEqual({ ...unreachable, reply: expect.any(String) });
      expect(taken()).toEqual({});
    },
  );

  test.each((['body', 'dot'] as const).flatMap((stage) => nonsense.map((row) => [stage, ...row] as const)))(
    'a relay that at %s %s leaves the message in doubt',
    async (stage, _what, answer) => {
      expect(await sendOne({ [stage]: answer })).toEqual(inDoubt);
    },
  );

  test('the reply to a message is not taken before the message was said', async () => {
    expect(await sendOne({ data: { raw: '354 go on\r\n250 2.0.0 queued\r\n' } })).toMatchObject(unreachable);
  });
});

describe('one message', () => {
  test('is not handed over to a relay that grants what was not asked for yet', async () => {
    const { url } = await start({
      extensions: [],
      on: (stage) => (stage === 'mail' ? { raw: '250 ok\r\n250 ok\r\n354 go on\r\n' } : undefined),
    });
    expect(await sendOverOneSession(url, [one])).toMatchObject([unreachable]);
    expect(taken()).toEqual({});
  });

  test.each([
    ['with pipelining', ['PIPELINING']],
    ['without pipelining', []],
  ])('arrives as it is, dots and all, %s', async (_, extensions) => {
    const { url, messages } = await start({ extensions, keep: true });
    await sendOverOneSession(url, [one]);
    expect(messages).toEqual([{ ...one.envelope, connection: 1, messageId: '<1@shop.example>', bytes: one.bytes }]);
  });

  test.each([
    ['mail', ['PIPELINING'], 'RCPT TO:<reader1@mail.example>\r\nDATA\r\n'],
    ['mail', [], ''],
    ['rcpt', [], ''],
    ['data', ['PIPELINING'], ''],
    ['data', [], ''],
  ] as const)('at %s of a relay that offers %j what follows was said: %j', async (stage, extensions, expected) => {
    const heard: string[] = [];
    const { url } = await start({
      on: (at, { ahead }) => void (at === stage && heard.push(ahead)),
      extensions,
    });
    await sendOverOneSession(url, [one]);
    expect(heard).toEqual([expected]);
  });

  test('a timeout is told with its length and what was awaited', async () => {
    const { url } = await start({ on: (stage) => (stage === 'rcpt' ? 'hang' : undefined) });
    const [fate] = await sendOverOneSession(url, [one], { timeouts: { ...longWait, envelope: 50 } });
    expect(fate).toHaveProperty('reply', 'no reply within 0.05 s (the reply to RCPT was due)');
  });

  test('a reply after the timeout changes nothing', async () => {
    const release = gate();
    const { url } = await start({ on: (stage) => (stage === 'dot' ? release.opened : undefined) });
    const [fate] = await sendOverOneSession(url, [one], { timeouts: { ...longWait, message: 50 } });
    release.open();
    expect(fate).toEqual({ outcome: 'in-doubt', detail: 'after the message was handed over: no reply within 0.05 s' });
  });

  test.each(['data', 'dot'] as const)('a session that is ended while the relay holds %s settles it', async (held) => {
    const reached = gate();
    const release = gate();
    const { url } = await start({
      on(stage) {
        if (stage !== held) return undefined;
        reached.open();
        return release.opened;
      },
    });
    let session: SmtpSession | undefined;
    const sending = sendOverOneSession(url, [one], { onSession: (opened) => (session = opened) });
    await reached.opened;
    session?.abort();
    expect(await sending).toMatchObject([{ outcome: held === 'dot' ? 'in-doubt' : 'deferred' }]);
    release.open();
  });

  test('an answer to half a message is no proof that the relay has it', async () => {
    const large = { ...one, bytes: Buffer.alloc(20_000_000, 'x'.repeat(74) + '\r\n') };
    const { url } = await start({ on: (stage) => (stage === 'body' ? '250 2.0.0 queued' : undefined) });
    expect(await sendOverOneSession(url, [large])).toEqual([inDoubt]);
  });

  test('a refusal of half a message is one, and said twice it is not taken for one of the next', async () => {
    const large = { ...one, bytes: Buffer.alloc(20_000_000, 'x'.repeat(74) + '\r\n') };
    const { url } = await start({
      ...pipelining,
      on: (stage) => (stage === 'body' || stage === 'dot' ? '552 5.3.4 too big' : undefined),
    });
    const fates = await sendOverOneSession(url, [large, two]);
    expect(fates).toMatchObject([{ outcome: 'rejected', reason: 'refused' }, { handedBack: true }]);
  });

  test.each([
    ['longer than the relay takes', one, ['SIZE 10'], 'refused', 'SIZE'],
    ['beyond ASCII to a relay without SMTPUTF8', 'grüße@mail.example', [], 'address-invalid', 'SMTPUTF8'],
    ['to an address that would end the command', 'a@b.example>\r\nRSET', [], 'address-invalid', 'cannot carry'],
  ])('a message %s is refused alone, without a word to the relay', async (_, what, extensions, reason, sentence) => {
    const bad = typeof what === 'string' ? { ...one, envelope: { ...one.envelope, recipient: what } } : what;
    const heard: string[] = [];
    const { url } = await start({ on: (_stage, { line }) => void heard.push(line), extensions });
    const short = { ...two, bytes: Buffer.from('x\r\n') };
    const fates = await sendOverOneSession(url, [bad, short]);
    expect(fates).toEqual([
      { outcome: 'rejected', reason, reply: expect.stringContaining(sentence) },
      { outcome: 'sent', reply: expect.any(String) },
    ]);
    expect(heard.filter((line) => /^(?:RCPT|RSET)/.test(line))).toEqual(['RCPT TO:<reader2@mail.example>']);
  });
});

describe('a message after another', () => {
  test('with pipelining its envelope comes with the message before it', async () => {
    const ahead: string[] = [];
    const { url } = await start({
      ...pipelining,
      on: (stage, context) => void (stage === 'dot' && ahead.push(context.ahead)),
    });
    expect(await sendOverOneSession(url, [one, two])).toEqual([sent, sent]);
    expect(ahead).toEqual(['MAIL FROM:<bounce@shop.example>\r\nRCPT TO:<reader2@mail.example>\r\nDATA\r\n', '']);
  });

  test('without pipelining nothing is said before the reply', async () => {
    const ahead: string[] = [];
    const { url } = await start({ extensions: [], on: (_stage, context) => void ahead.push(context.ahead) });
    expect(await sendOverOneSession(url, [one, two])).toEqual([sent, sent]);
    // The message itself is there when its first bytes are.
    expect(ahead.filter((said) => said !== '' && !said.endsWith('\r\n.\r\n'))).toEqual([]);
  });

  test.each(['550 5.1.1 no such user', '452 4.2.2 full'])('after %s to the one before it is sent', async (reply) => {
    const { url } = await start({
      ...pipelining,
      on: (stage, { transaction }) => (stage === 'dot' && transaction === 1 ? reply : undefined),
    });
    expect(await sendOverOneSession(url, [one, two])).toEqual([expect.objectContaining({ reply }), sent]);
    expect(taken()).toEqual({ '<2@shop.example>': 1 });
  });

  test.each<[string, RelayAnswer, object]>([
    ['says 421', '421 4.3.2 closing', { ...unreachable, reply: '421 4.3.2 closing' }],
    ...nonsense.map(([what, answer]): [string, RelayAnswer, object] => [what, answer, inDoubt]),
  ])('is handed back, and not begun, when at the dot before it the relay %s', async (_, answer, first) => {
    const { url } = await start({ ...pipelining, on: (stage) => (stage === 'dot' ? answer : undefined) });
    const timeouts = answer === 'hang' ? { ...longWait, message: 200 } : longWait;
    const fates = await sendOverOneSession(url, [one, two], { timeouts });
    expect(fates).toEqual([first, { ...unreachable, reply: expect.any(String), handedBack: true }]);
    expect(taken()).not.toHaveProperty('<2@shop.example>');
  });

  test.each(
    (['mail', 'rcpt', 'data'] as const).flatMap((stage) =>
      [['says 421', '421 4.3.2 closing'] as const, ...nonsense].map((row) => [stage, ...row] as const),
    ),
  )('is handed back when at its %s the relay %s', async (stage, _, answer) => {
    const { url } = await start({
      ...pipelining,
      on: (at, { transaction }) => (at === stage && transaction === 2 ? answer : undefined),
    });
    const timeouts = answer === 'hang' ? { ...longWait, envelope: 200 } : longWait;
    const fates = await sendOverOneSession(url, [one, two], { timeouts });
    expect(fates).toMatchObject([sent, { outcome: 'deferred', relayFault: true, handedBack: true }]);
    expect(taken()).toEqual({ '<1@shop.example>': 1 });
  });

  test.each(nonsense)('is in doubt, and not handed back, when at its dot the relay %s', async (_, answer) => {
    const { url } = await start({
      ...pipelining,
      on: (stage, { transaction }) => (stage === 'dot' && transaction === 2 ? answer : undefined),
    });
    const timeouts = answer === 'hang' ? { ...longWait, message: 200 } : longWait;
    expect(await sendOverOneSession(url, [one, two], { timeouts })).toEqual([sent, inDoubt]);
  });

  test('what is certain of it stays so when the connection ends', async () => {
    const { url } = await start({
      ...pipelining,
      on(stage, { transaction }) {
        if (transaction !== 2) return undefined;
        return stage === 'rcpt' ? '550 5.1.1 no such user' : stage === 'data' ? 'drop' : undefined;
      },
    });
    expect(await sendOverOneSession(url, [one, two])).toEqual([sent, unknown]);
  });

  test.each(
    [['PIPELINING'], []].flatMap((extensions) =>
      (
        [
          ['mail', '451 4.3.0 later'],
          ['rcpt', '550 5.1.1 no such user'],
          ['data', '451 4.3.0 not now'],
        ] as const
      ).map((row) => [extensions, ...row] as const),
    ),
  )('with %j after a refusal at %s it is sent behind RSET', async (extensions, refused, reply) => {
    const stages: string[] = [];
    const { url } = await start({
      extensions,
      on(stage, { transaction }) {
        stages.push(stage);
        return stage === refused && transaction === 1 ? reply : undefined;
      },
    });
    expect(await sendOverOneSession(url, [one, two])).toEqual([expect.objectContaining({ reply }), sent]);
    expect(stages.filter((stage) => stage === 'connect' || stage === 'rset')).toEqual(['connect', 'rset']);
    expect(taken()).toEqual({ '<2@shop.example>': 1 });
  });

  test('is handed back when the relay refuses RSET', async () => {
    const { url } = await start({
      on: (stage, { transaction }) =>
        stage === 'rset' ? '500 what?' : stage === 'rcpt' && transaction === 1 ? '550 5.1.1 no such user' : undefined,
    });
    expect(await sendOverOneSession(url, [one, two])).toMatchObject([unknown, { handedBack: true }]);
  });

  test('a relay that takes DATA for a refused recipient gets an empty message to nobody, and then the next', async () => {
    const { url, messages } = await start({
      ...pipelining,
      keep: true,
      on(stage, { transaction }) {
        if (transaction !== 1) return undefined;
        return stage === 'rcpt' ? '550 5.1.1 no such user' : stage === 'data' ? '354 go on' : undefined;
      },
    });
    expect(await sendOverOneSession(url, [one, two, three])).toEqual([unknown, sent, sent]);
    expect(messages.map(({ recipient, bytes }) => [recipient, bytes.toString()])).toEqual([
      ['', '\r\n'],
      ['reader2@mail.example', two.bytes.toString()],
      ['reader3@mail.example', three.bytes.toString()],
    ]);
  });

  test('a relay that takes DATA for a refused sender gets no dot: the recipient might get an empty message', async () => {
    const { url } = await start({
      ...pipelining,
      on: (stage) =>
        ({ mail: '451 4.3.0 later', rcpt: '250 ok', data: '354 go on' })[stage as 'mail' | 'rcpt' | 'data'],
    });
    const fates = await sendOverOneSession(url, [one, two]);
    expect(fates).toEqual([
      { outcome: 'deferred', reason: 'refused', reply: '451 4.3.0 later', relayFault: true, answered: true },
      undefined,
    ]);
    expect(taken()).toEqual({});
  });

  test('a relay that speaks unasked is left', async () => {
    const { url } = await start({
      ...pipelining,
      on: (stage, { transaction }) =>
        stage === 'dot' && transaction === 1 ? { raw: '250 2.0.0 queued\r\n250 2.0.0 and again\r\n' } : undefined,
    });
    const fates = await sendOverOneSession(url, [one, two, three]);
    // The reply to MAIL was there too early, and DATA's was none.
    expect(fates).toMatchObject([{ outcome: 'sent' }, { ...unreachable, handedBack: true }, undefined]);
    expect(taken()).toEqual({ '<1@shop.example>': 1 });
  });
});
