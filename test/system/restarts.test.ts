import type { DeliveryResult, LedgerRow } from '../../src/client/index.js';
import { finalStatuses } from '../../src/delivery/message-status.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { ledgerOf, openEnvironment, type TestEnvironment, type WorkerProcess } from './environment.js';
import {
  connections,
  installLocks,
  positionOf,
  states,
  type HeldDelivery,
  type HoldingEnvironment,
  type State,
} from './held-deliveries.js';
import { startOwnServers, type OwnServers } from './own-servers.js';

const victims = ['worker', 'temporal', 'postgres'] as const;
type Victim = (typeof victims)[number];

/**
 * Most that may be in doubt. Where Postgres dies, the worker keeps what the relay said until it is back; in doubt is one
 * claim, of which it cannot know whether it was committed.
 */
const inDoubtAllowed: Record<Victim, number> = {
  worker: 3 * connections,
  temporal: 3 * connections,
  postgres: connections / 2,
};

let servers: OwnServers;
let environment: TestEnvironment;
let relay: ScriptedRelay;
let worker: WorkerProcess;
const scripts: HoldingEnvironment['scripts'] = new Map();

beforeAll(async () => {
  servers = await startOwnServers();
  environment = await openEnvironment(servers);
  await installLocks(environment.database);
  relay = await startScriptedRelay({
    keep: true,
    on: (stage, { recipient }) =>
      stage === 'rcpt' && positionOf(recipient) === 2
        ? '550 5.1.1 no such user'
        : scripts.get(recipient.slice(recipient.indexOf('@') + 1))?.(stage, recipient),
  });
  worker = await startWorker();
});
afterAll(async () => {
  await environment.close();
  await relay.close();
  await servers.stop();
});

function startWorker(): Promise<WorkerProcess> {
  const url = `${relay.url}&connections=${connections}`;
  return environment.startWorker({ SMTP_URL: url, SMTP_URL_HELD: url });
}

/** @returns what brings the victim back */
function kill(victim: Victim): () => Promise<void> {
  if (victim !== 'worker') {
    const again = servers.kill(victim);
    return () => again;
  }
  const killed = worker.kill();
  return async () => {
    await killed;
    worker = await startWorker();
  };
}

/** Message-IDs of all that the relay took, by recipient. */
function takenFor(domain: string): Map<string, string[]> {
  const taken = new Map<string, string[]>();
  for (const { recipient, messageId } of relay.messages) {
    if (recipient.endsWith(`@${domain}`)) taken.set(recipient, [...(taken.get(recipient) ?? []), messageId]);
  }
  return taken;
}

/** The oracle is the relay's own count: one final status each, nobody twice, nobody lost. */
function compare(rows: readonly LedgerRow[], taken: Map<string, string[]>): Record<string, number> {
  const counts: Record<string, number> = { sent: 0, failed: 0, 'in-doubt': 0 };
  for (const { address, status } of rows) {
    counts[status] = (counts[status] ?? 0) + 1;
    const times = taken.get(address)?.length ?? 0;
    const right = { sent: [1], failed: [0], 'in-doubt': [0, 1] }[status as string] ?? [];
    if (!right.includes(times)) throw new Error(`${address} is ${status}, and the relay took it ${times} times`);
  }
  return counts;
}

describe.each(victims)('killed: %s', (victim) => {
  const held = new Map<State, HeldDelivery>();
  const outcomes = new Map<State, Promise<DeliveryResult>>();

  beforeAll(async () => {
    await Promise.all(
      Object.entries(states).map(async ([state, hold]) => {
        const one = await hold({ environment, scripts }, `${victim}-${state.replaceAll(' ', '-')}`);
        held.set(state as State, one);
        await one.settled();
      }),
    );
    const all = [...held.values()];
    // The ones that came first may have moved meanwhile.
    await Promise.all(all.map((one) => one.settled()));
    await Promise.all(all.map((one) => one.stir()));
    const bringBack = kill(victim);
    await Promise.all(all.map((one) => one.release()));
    await bringBack();
    await Promise.all(all.map((one) => one.goOn()));
    for (const [state, { delivery }] of held) {
      const outcome = delivery.outcome();
      outcome.catch(() => undefined);
      outcomes.set(state, outcome);
    }
  });

  test.each(Object.keys(states) as State[])(
    '%s: it goes on by itself, and counts agree with the relay',
    async (state) => {
      const one = held.get(state);
      if (!one) throw new Error('it was not started');
      expect((await outcomes.get(state))?.outcome).toBe('finished');

      const id = one.delivery.id;
      const rows = await ledgerOf(one.delivery);
      expect(new Set(rows.map(({ address }) => address)).size).toBe(one.recipients);
      expect(rows.filter(({ status }) => !(finalStatuses as readonly string[]).includes(status))).toEqual([]);
      const counts = compare(rows, takenFor(`${id}.example`));
      const { sealedCount } = await one.delivery.show();
      expect(sealedCount).toBe(one.recipients);
      expect((counts['sent'] ?? 0) + (counts['failed'] ?? 0) + (counts['in-doubt'] ?? 0)).toBe(sealedCount);
      expect(counts['failed']).toBe(1);
      expect(counts['in-doubt']).toBeLessThanOrEqual(state === 'sending' ? inDoubtAllowed[victim] : 0);

      const proofs = await ledgerOf(one.delivery, { proof: 1 });
      expect(proofs).toHaveLength(one.proofRecipients);
      const ofProofs = compare(proofs, takenFor(`proof.${id}.example`));
      expect(ofProofs['in-doubt']).toBeLessThanOrEqual(inDoubtAllowed[victim]);
    },
  );
});
