import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Victim } from './cell.js';
import type { OwnServers, Server } from '../system/own-servers.js';
import type { Stage } from './stage.js';

/** The heartbeat's timeout of a batch, and some more. */
const leaseMs = 12_000;

/** Ends the harm, or waits until it has ended by itself. */
type Heal = () => Promise<void> | void;

/** One way to do harm. */
interface Strike {
  /** Resolves when the harm is done. */
  strike: (stage: Stage) => Promise<Heal>;
  /** When it is healed: without delay, as the lease has passed, or when another worker has finished. */
  healed: 'at once' | 'after the lease' | 'after the end';
  /** What becomes of a statement or of the ledger's answer that was held: lost in the fault, or passed on. */
  ledger: 'lost' | 'overtake' | 'at once' | 'when healed';
  /** The same of the rest of a body. */
  body: 'lost' | 'at once' | 'when healed';
  /** When the relay goes on with the marked message. */
  relay: 'at once' | 'when healed';
}

const nothing: Heal = () => undefined;

function serversOf({ servers }: Stage): OwnServers {
  if (!servers) throw new Error('this cell needs servers of its own');
  return servers;
}

function killServer(which: Server): Strike['strike'] {
  return (stage) => {
    const again = serversOf(stage).kill(which);
    return Promise.resolve(() => again);
  };
}

function freezeServer(which: Server): Strike {
  return {
    strike: (stage) => {
      serversOf(stage).freeze(which);
      return Promise.resolve(() => serversOf(stage).thaw(which));
    },
    healed: 'after the lease',
    ledger: 'at once',
    body: 'at once',
    relay: 'at once',
  };
}

/** Tears the connections of the first worker; it may make new ones at once. */
function tear(which: keyof Stage['wires']): Strike['strike'] {
  return ({ wires }) => {
    wires[which].cut();
    wires[which].restore();
    return Promise.resolve(nothing);
  };
}

/** Keeps the first worker away from servers, and lets another one go on. */
function cutOff(which: readonly (keyof Stage['wires'])[]): Strike['strike'] {
  return async ({ wires, startAnother }) => {
    for (const name of which) wires[name].cut();
    await startAnother();
    return () => which.forEach((name) => wires[name].restore());
  };
}

const strikes: Record<Victim, Partial<Record<Fault, Strike>>> = {
  worker: {
    kill: {
      strike: async ({ first, startAnother }) => {
        await first.kill();
        await startAnother();
        return nothing;
      },
      healed: 'at once',
      ledger: 'lost',
      body: 'lost',
      relay: 'at once',
    },
    freeze: {
      strike: async (stage) => {
        stage.first.process.kill('SIGSTOP');
        // Temporal would go on to give steps to its open polls, and each would wait there for its minute.
        const restore = await cutOff(['temporal'])(stage);
        return async () => {
          await restore();
          stage.first.process.kill('SIGCONT');
        };
      },
      healed: 'after the end',
      ledger: 'when healed',
      body: 'when healed',
      relay: 'at once',
    },
    cut: {
      strike: cutOff(['relay', 'temporal', 'ledger']),
      healed: 'after the end',
      ledger: 'lost',
      body: 'lost',
      relay: 'at once',
    },
  },
  temporal: {
    kill: { strike: killServer('temporal'), healed: 'at once', ledger: 'at once', body: 'at once', relay: 'at once' },
    freeze: freezeServer('temporal'),
    // The worker goes on, and does not hear that another one was given its batches.
    cut: {
      strike: cutOff(['temporal']),
      healed: 'after the end',
      ledger: 'when healed',
      body: 'when healed',
      relay: 'when healed',
    },
  },
  postgres: {
    kill: { strike: killServer('postgres'), healed: 'at once', ledger: 'lost', body: 'at once', relay: 'at once' },
    freeze: freezeServer('postgres'),
    cut: { strike: tear('ledger'), healed: 'at once', ledger: 'lost', body: 'at once', relay: 'at once' },
    overtake: {
      strike: (stage) => Promise.resolve(() => stage.overtake()),
      healed: 'at once',
      ledger: 'overtake',
      body: 'at once',
      relay: 'when healed',
    },
  },
  relay: {
    kill: {
      strike: async ({ relay }) => {
        await relay.replace();
        return nothing;
      },
      healed: 'at once',
      ledger: 'at once',
      body: 'at once',
      relay: 'at once',
    },
    freeze: {
      strike: ({ relay }) => {
        relay.freeze();
        return Promise.resolve(() => relay.thaw());
      },
      healed: 'after the lease',
      ledger: 'at once',
      body: 'at once',
      relay: 'at once',
    },
    cut: { strike: tear('relay'), healed: 'at once', ledger: 'at once', body: 'at once', relay: 'at once' },
  },
};

const ledgerOnward = { lost: 'drop', overtake: 'overtake', 'at once': 'pass' } as const;

/**
 * Does the harm, lets go of what was held, and heals.
 *
 * @param ended - resolves when the delivery has ended
 * @param beforeHealing - called where another worker has finished, before the first one comes back
 */
export async function playFault(
  stage: Stage,
  ended: Promise<unknown>,
  beforeHealing: () => Promise<void>,
): Promise<void> {
  const how = strikes[stage.cell.victim][stage.cell.fault];
  if (!how) throw new Error('there is no such fault');
  const heal = await how.strike(stage);
  if (how.relay === 'at once') stage.releaseRelay();
  if (how.ledger !== 'when healed') stage.releaseLedger(ledgerOnward[how.ledger]);
  if (how.body !== 'when healed') stage.releaseBody(how.body === 'lost' ? 'drop' : 'pass');
  if (how.healed === 'after the lease') await delay(leaseMs);
  if (how.healed === 'after the end') {
    await ended;
    await beforeHealing();
  }
  await heal();
  stage.releaseRelay();
  stage.releaseLedger('pass');
  stage.releaseBody('pass');
  stage.relay.order({ kind: 'over' });
  await ended;
}
