import { setImmediate as turn } from 'node:timers/promises';
import type { Dependencies } from '../../activities/dependencies.js';
import { sendClaimed, type ClaimedSending } from '../../activities/send-claimed.js';
import { ClaimBudget } from '../../activities/claim-budget.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { ArchiveUnavailableError } from '../../src/archive/message-archive.js';
import { gate } from '../smtp/gate.js';

// With ES modules jest is no global.
const { jest: clock } = import.meta as unknown as { jest: typeof jest };
afterEach(() => clock.useRealTimers());

const leaf = Buffer.alloc(32);
/** As the ledger's statement returns a message that it has claimed. */
const claimed = (seq: number, sealed: Buffer | null = leaf) => [
  seq,
  'sending',
  1,
  Date.now(),
  sealed,
  'a@shop.example',
  null,
  {},
];

function job(own: Partial<ClaimedSending>): ClaimedSending {
  return {
    revision: { content: {}, render: () => ({ leaf, envelope: {}, bytes: Buffer.of() }) },
    relay: {
      connections: 2,
      budget: new ClaimBudget(6),
      pool: { send: () => Promise.resolve({ outcome: 'sent', reply: '250 ok' }) },
    },
    batch: { deliveryKey: 1, proof: 0, number: 0, epoch: 1 },
    range: { from: 1, to: 10 },
    sending: deliverySettingsSchema.parse({ name: 'x', sender: { address: 'a@shop.example' }, subject: 'x' }).sending,
    decisionTime: Date.now,
    validUntil: Infinity,
    progress: () => undefined,
    ...own,
  } as unknown as ClaimedSending;
}

/** A ledger that gives one message away, and writes results when the test says so. */
function slowLedger(written: Promise<unknown>, onSettle: () => void): Dependencies {
  const query = async (asked: string | { values: unknown[] }): Promise<object> => {
    if (typeof asked === 'string') return { rows: [{ control: 'run', epoch: 1 }] };
    if (asked.values[8] === '[]') return { rows: [claimed(1)] };
    onSettle();
    await written;
    return { rows: [] };
  };
  return {
    database: { query },
    ledger: { query },
    dkimKeys: [],
    draining: new AbortController().signal,
  } as unknown as Dependencies;
}

test('an attempt that fails ends only when the replies it has are written: the next fence would put them in doubt', async () => {
  const events: string[] = [];
  const [settling, written] = [gate(), gate()];
  const draining = new AbortController();
  const render = (): never => {
    // The worker is told to stop once its first message is on its way.
    draining.abort();
    return { leaf, envelope: {}, bytes: Buffer.of() } as never;
  };
  const dependencies = { ...slowLedger(written.opened, settling.open), draining: draining.signal };
  const revision = { content: {}, render } as unknown as ClaimedSending['revision'];
  const attempt = sendClaimed(dependencies, job({ revision, range: { from: 1, to: 1 } })).catch((error: Error) => {
    events.push(error.name);
  });
  await settling.opened;
  await turn();
  events.push('written');
  written.open();
  await attempt;
  expect(events).toEqual(['written', 'WorkerDrainingError']);
});

test('what relays said does not wait for a claim that fails', async () => {
  const settledAlone: number[] = [];
  let claims = 0;
  const query = async (asked: string | { values: unknown[] }): Promise<object> => {
    if (typeof asked === 'string') return { rows: [{ control: 'run', epoch: 2 }] };
    const [limit, results] = [asked.values[7], JSON.parse(String(asked.values[8])) as { seq: number }[]];
    if (limit === 0) {
      settledAlone.push(...results.map(({ seq }) => seq));
      return { rows: [] };
    }
    claims += 1;
    if (claims === 1) return { rows: [1, 2, 3, 4, 5, 6].map((seq) => claimed(seq)) };
    if (claims === 2) throw new Error('the claim is refused');
    return { rows: [] };
  };
  const dependencies = { database: { query }, ledger: { query }, dkimKeys: [], draining: new AbortController().signal };
  expect(await sendClaimed(dependencies as unknown as Dependencies, job({}))).toBe('done');
  expect(settledAlone.slice(0, 2)).toEqual([1, 2]);
});

test('where a message that left cannot be kept, its result is written, and what was just claimed goes back', async () => {
  const settled: string[] = [];
  const claiming = gate();
  let claims = 0;
  const query = async (asked: string | { values: unknown[] }): Promise<object> => {
    if (typeof asked === 'string') return { rows: [{ control: 'run', epoch: 1 }] };
    const results = JSON.parse(String(asked.values[8])) as { seq: number; status: string }[];
    settled.push(...results.map(({ seq, status }) => `${seq} ${status}`));
    if (asked.values[7] === 0) return { rows: [] };
    claims += 1;
    if (claims === 2) {
      claiming.open();
      await turn();
    }
    return { rows: (claims === 1 ? [1, 2, 3, 4, 5, 6] : [7, 8]).map((seq) => claimed(seq)) };
  };
  const kept: number[] = [];
  const failing = job({
    keep: async (seq) => {
      kept.push(seq);
      if (seq < 6) return;
      await claiming.opened;
      throw new ArchiveUnavailableError(new Error('ENOSPC'));
    },
  });
  const dependencies = { database: { query }, ledger: { query }, dkimKeys: [], draining: new AbortController().signal };
  const attempt = sendClaimed(dependencies as unknown as Dependencies, failing);
  await expect(attempt).rejects.toBeInstanceOf(ArchiveUnavailableError);
  expect(kept).toEqual([1, 2, 3, 4, 5, 6]);
  const sent = kept.map((seq) => `${seq} sent`);
  expect(settled.toSorted()).toEqual([...sent, '7 pending', '8 pending']);
});

test.each([
  ['as many as the relay takes, without files', 0, 6],
  ['no more than fit into 32 MB', 12, 2],
  ['one, however large it is', 40, 1],
])('messages that are rendered and not answered: %s', async (_, megabytes, most) => {
  const left = Array.from({ length: 20 }, (_unused, i) => claimed(i + 1));
  let open = 0;
  let mostOpen = 0;
  const query = (asked: string | { values: unknown[] }): Promise<object> => {
    if (typeof asked === 'string') return Promise.resolve({ rows: [{ control: 'run', epoch: 1 }] });
    const rows = left.splice(0, Number(asked.values[7]));
    open += rows.length;
    mostOpen = Math.max(mostOpen, open);
    return Promise.resolve({ rows });
  };
  const send = async (): Promise<object> => {
    await turn();
    open -= 1;
    return { outcome: 'sent', reply: '250 ok' };
  };
  const { relay, revision, ...rest } = job({ range: { from: 1, to: 20 } });
  const files = [{ base64: 'A'.repeat(megabytes * 1024 * 1024) }];
  const given = { ...rest, relay: { ...relay, pool: { send } }, revision: { ...revision, content: { files } } };
  const dependencies = { database: { query }, ledger: { query }, dkimKeys: [], draining: new AbortController().signal };
  expect(await sendClaimed(dependencies as unknown as Dependencies, given as unknown as ClaimedSending)).toBe('done');
  expect([left.length, mostOpen]).toEqual([0, most]);
});

/**
 * A ledger on a clock that moves only with its statements, and as the test says.
 *
 * @returns how many results each statement has carried, and what sends with the answers that it is given
 */
function pacedSending({
  statementMs,
  onStatement,
}: {
  statementMs: number;
  onStatement: (nth: number) => Promise<void>;
}) {
  clock.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  const left = Array.from({ length: 18 }, (_unused, i) => claimed(i + 1));
  const carried: number[] = [];
  const query = async (asked: string | { values: unknown[] }): Promise<object> => {
    if (typeof asked === 'string') return { rows: [{ control: 'run', epoch: 1 }] };
    clock.advanceTimersByTime(statementMs);
    carried.push((JSON.parse(String(asked.values[8])) as unknown[]).length);
    const rows = left.splice(0, Number(asked.values[7]));
    await onStatement(carried.length);
    // It looks once more, from the beginning, after a while.
    if (rows.length === 0) setImmediate(() => clock.advanceTimersByTime(50));
    return { rows };
  };
  const dependencies = { database: { query }, ledger: { query }, dkimKeys: [], draining: new AbortController().signal };
  const send = async (answer: () => Promise<void>): Promise<Awaited<ReturnType<typeof sendClaimed>>> => {
    const { relay, ...rest } = job({ range: { from: 1, to: 18 } });
    const pool = { send: () => answer().then(() => ({ outcome: 'sent', reply: '250 ok' })) };
    const given = { ...rest, relay: { ...relay, pool } } as unknown as ClaimedSending;
    const ended = await sendClaimed(dependencies as unknown as Dependencies, given);
    // What was to look once more has done so.
    await turn();
    return ended;
  };
  return { carried, send };
}

test.each([
  ['all that was claimed, where the relay answers before the next one is due', 5, [0, 6, 6, 6]],
  ['what the connections have sent, where the ledger is faster', 0, [0, 2, 2, 2]],
])('a statement carries %s', async (_, statementMs, first) => {
  const { carried, send } = pacedSending({ statementMs, onStatement: () => Promise.resolve() });
  let answered = Promise.resolve();
  expect(await send(() => (answered = answered.then(() => turn())))).toBe('done');
  expect(carried.slice(0, first.length)).toEqual(first);
  expect(carried.reduce((sum, results) => sum + results)).toBe(18);
});

test('results wait for one that does not come no longer than twice a statement, those that came during it too', async () => {
  const [second, last] = [gate(), gate()];
  let answers = 0;
  const { carried, send } = pacedSending({
    statementMs: 3,
    // Answers come while the second statement is away.
    onStatement: async (nth) => {
      if (nth === 2) for (let i = 0; i < 5; i += 1) await turn();
      if (nth === 2) second.open();
    },
  });
  const ended = send(async () => {
    answers += 1;
    if (answers === 6) return await last.opened;
    await turn();
  });
  await turn();
  await turn();
  clock.advanceTimersByTime(5);
  await turn();
  expect(carried).toEqual([0]);
  clock.advanceTimersByTime(1);
  await second.opened;
  expect(carried).toEqual([0, 5]);
  for (let i = 0; i < 5; i += 1) await turn();
  clock.advanceTimersByTime(5);
  await turn();
  expect(carried).toEqual([0, 5]);
  last.open();
  expect(await ended).toBe('done');
});

test('a message that cannot be kept is told of, also where the delivery was paused before that was known', async () => {
  const settled: string[] = [];
  const paused = gate();
  let claims = 0;
  const query = (asked: string | { values: unknown[] }): Promise<object> => {
    if (typeof asked === 'string') {
      // Nothing is found any more, and it is asked why.
      if (asked.startsWith('select d.control')) paused.open();
      return Promise.resolve({ rows: [{ control: 'pause', epoch: 1 }] });
    }
    const results = JSON.parse(String(asked.values[8])) as { seq: number; status: string }[];
    settled.push(...results.map(({ seq, status }) => `${seq} ${status}`));
    const isFirst = asked.values[7] !== 0 && (claims += 1) === 1;
    return Promise.resolve({ rows: isFirst ? [1, 2, 3, 4, 5, 6].map((seq) => claimed(seq)) : [] });
  };
  const failing = job({
    keep: async (seq) => {
      if (seq < 6) return;
      await paused.opened;
      throw new ArchiveUnavailableError(new Error('ENOSPC'));
    },
  });
  const dependencies = { database: { query }, ledger: { query }, dkimKeys: [], draining: new AbortController().signal };
  const attempt = sendClaimed(dependencies as unknown as Dependencies, failing);
  await expect(attempt).rejects.toBeInstanceOf(ArchiveUnavailableError);
  expect(settled.toSorted()).toEqual([1, 2, 3, 4, 5, 6].map((seq) => `${seq} sent`));
});

test.each([
  ['the main target', 0, Buffer.alloc(32, 1)],
  ['a proof', 1, Buffer.alloc(32, 1)],
  ['a proof without a leaf', 1, null],
  ['a copy', -1, Buffer.alloc(32, 1)],
])('a message of %s that is another one than it was made as does not leave', async (_, proof, other) => {
  let sent = 0;
  const send = (): Promise<object> => Promise.resolve({ outcome: 'sent', reply: `250 ${(sent += 1)}` });
  const query = (asked: string | { values: unknown[] }): Promise<object> => {
    if (typeof asked === 'string') return Promise.resolve({ rows: [{ control: 'run', epoch: 1 }] });
    return Promise.resolve({ rows: asked.values[7] === 0 ? [] : [claimed(1, other)] });
  };
  const dependencies = { database: { query }, ledger: { query }, dkimKeys: [], draining: new AbortController().signal };
  const { relay, batch, ...changed } = job({});
  const given = { ...changed, relay: { ...relay, pool: { send } }, batch: { ...batch, proof } };
  await expect(
    sendClaimed(dependencies as unknown as Dependencies, given as unknown as ClaimedSending),
  ).rejects.toMatchObject({ name: 'SealBrokenError', seq: 1 });
  expect(sent).toBe(0);
});
