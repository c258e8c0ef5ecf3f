import { readFile } from 'node:fs/promises';
import { startScriptedRelay } from '../smtp/scripted-relay.js';
import { gate } from '../smtp/gate.js';
import { definition, recipients } from './definition.js';
import { eventually, openEnvironment } from './environment.js';

/** Process ids of a process's children. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}

const exists = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('several processes of one worker share a delivery; one that dies is replaced, and all end with the first', async () => {
  const environment = await openEnvironment();
  const door = gate();
  const connections = new Set<number>();
  const relay = await startScriptedRelay({
    on: async (stage, { connection }) => {
      if (stage !== 'dot') return undefined;
      connections.add(connection);
      // Two processes with two connections each: no one alone opens more than two.
      if (connections.size > 2) door.open();
      await door.opened;
      return undefined;
    },
  });
  try {
    const worker = await environment.startWorker({ SMTP_URL: `${relay.url}&connections=2` }, ['--processes', '2']);
    const pid = worker.process.pid ?? 0;
    const first = await childrenOf(pid);
    expect(first).toHaveLength(2);
    const delivery = await environment.sealpost.start(
      definition({
        id: 'shared',
        approval: { mode: 'automatic' },
        recipients: recipients(40),
        sending: { batchSize: 5 },
      }),
      { operator: 'author' },
    );
    expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 40 } });

    process.kill(first[0] ?? 0, 'SIGKILL');
    const second = await eventually(
      () => childrenOf(pid),
      (seen) => seen.length === 2 && !seen.includes(first[0] ?? 0),
    );
    await worker.kill();
    await eventually(
      () => Promise.resolve(second.filter(exists)),
      (left) => left.length === 0,
    );
  } finally {
    await environment.close();
    await relay.close();
  }
});

test('a worker that is told to stop ends in time, also when its relay answers nothing any more', async () => {
  const environment = await openEnvironment();
  let hung = 0;
  const relay = await startScriptedRelay({
    on: (stage) => {
      if (stage !== 'dot') return undefined;
      hung += 1;
      return 'hang';
    },
  });
  try {
    const worker = await environment.startWorker({ SMTP_URL: `${relay.url}&connections=2` });
    const delivery = await environment.sealpost.start(
      definition({ id: 'hanging', approval: { mode: 'automatic' }, recipients: recipients(10) }),
      { operator: 'author' },
    );
    await eventually(
      () => Promise.resolve(hung),
      (count) => count === 2,
    );
    expect(await worker.stop()).toBe(0);
    // What had been handed over is in doubt, the others are as they were.
    expect((await delivery.progress()).counts).toEqual({ 'in-doubt': 2, pending: 8 });
  } finally {
    await environment.close();
    await relay.close();
  }
});
