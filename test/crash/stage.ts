import { gate } from '../smtp/gate.js';
import type { TestEnvironment, WorkerProcess } from '../system/environment.js';
import type { OwnServers } from '../system/own-servers.js';
import type { Cell } from './cell.js';
import { beside, connections, marked, shortBodies } from './delivery-under-test.js';
import { openLedgerWire, type LedgerHooks } from './ledger-wire.js';
import type { LedgerStatement } from './ledger-statements.js';
import type { RelayScript } from './relay-script.js';
import { startRelay, type RelayHandle } from './relay-handle.js';
import { holdingBeyond, openWire, type Onward, type Wire } from './wire.js';

/** All that a cell is played with. */
export interface Stage {
  cell: Cell;
  environment: TestEnvironment;
  /** Where the cell harms Temporal or Postgres themselves. */
  servers: OwnServers | undefined;
  relay: RelayHandle;
  /** The only ways that the first worker has. */
  wires: { relay: Wire; temporal: Wire; ledger: Wire };
  first: WorkerProcess;
  /** Resolves when the moment of the cell has come; the message or the statement waits there until it is released. */
  reached: Promise<void>;
  releaseRelay: () => void;
  /** @param onward - what becomes of a held statement, or of the ledger's answer to it; the first call counts */
  releaseLedger: (onward: Onward | 'overtake') => void;
  /** Waits until the worker has gone on without the statement, and has the server carry it out then. */
  overtake: () => Promise<void>;
  /** The same of the rest of a long body. */
  releaseBody: (onward: Onward) => void;
  /** Starts another worker, with ways of its own. */
  startAnother: () => Promise<WorkerProcess>;
  close: () => Promise<void>;
}

export const workerNames = { first: 'first.test', another: 'another.test' } as const;

export async function setStage(
  cell: Cell,
  environment: TestEnvironment,
  servers: OwnServers | undefined,
): Promise<Stage> {
  const script = relayScript(cell);
  const relay = await startRelay(script);
  const watch = watchLedger(cell);
  const body = holding<Onward>();
  const wires = {
    relay: await openWire({ host: '127.0.0.1', port: relay.port }, holdingBeyond(shortBodies, body.held)),
    temporal: await openWire(addressOf(`http://${environment.env['TEMPORAL_ADDRESS'] ?? ''}`)),
    ledger: await openLedgerWire(addressOf(environment.env['DATABASE_URL'] ?? ''), watch.hooks),
  };
  const ledgerUrl = new URL(environment.env['DATABASE_URL'] ?? '');
  ledgerUrl.port = String(wires.ledger.port);
  const smtp = (port: number, name: string) =>
    `smtp://127.0.0.1:${port}?tls=none&connections=${connections}&name=${name}`;
  const first = await environment.startWorker({
    DATABASE_URL: ledgerUrl.href,
    TEMPORAL_ADDRESS: `127.0.0.1:${wires.temporal.port}`,
    SMTP_URL: smtp(wires.relay.port, workerNames.first),
  });
  return {
    cell,
    environment,
    servers,
    relay,
    wires,
    first,
    reached: cell.fault === 'overtake' ? watch.reached : Promise.race([relay.held, watch.reached]),
    releaseRelay: () => relay.order({ kind: 'release' }),
    releaseLedger: watch.release,
    overtake: async () => {
      // At the latest moment that could matter: a message that is tried again is under way again.
      await (script.holdAttempt > 1 ? relay.held : watch.goneOn);
      await watch.overtake();
    },
    releaseBody: body.release,
    startAnother: () => environment.startWorker({ SMTP_URL: smtp(relay.port, workerNames.another) }),
    close: async () => {
      await environment.close();
      await Promise.all([...Object.values(wires), relay].map((one) => one.close()));
    },
  };
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

const holds: Partial<Record<Cell['moment'], NonNullable<RelayScript['holdAt']>>> = {
  'before 354': 'data',
  'in the body': 'body',
  'after the dot': 'dot',
};

function relayScript({ fault, moment, reply }: Cell): RelayScript {
  const overtaken = fault === 'overtake' && reply === '451';
  const holdAt = overtaken ? 'dot' : holds[moment];
  // A connection that ends is one message's affair; a word may be said to many.
  const others = reply === 'drop' || reply === 'hang' ? [] : beside;
  return {
    marked,
    ...(holdAt && { holdAt }),
    holdAttempt: overtaken ? 2 : 1,
    replyAt: moment === 'before 354' ? 'data' : 'dot',
    reply,
    beside: others,
  };
}

/** Resolves with the first release. */
function holding<T extends string>(): { held: Promise<T>; release: (onward: T) => void } {
  let release: (onward: T) => void = () => undefined;
  const held = new Promise<T>((resolve) => (release = resolve));
  return { held, release };
}

/** Claims before this one go through: the fault comes when messages leave; what is overtaken must find some to claim. */
const claimsBefore = ({ fault }: Cell) => (fault === 'overtake' ? 1 : 6);

interface LedgerWatch {
  hooks: LedgerHooks;
  reached: Promise<void>;
  release: (onward: Onward | 'overtake') => void;
  /** Resolves when another statement on the batch has been answered after the moment. */
  goneOn: Promise<void>;
  /** Lets the server carry out what was overtaken. */
  overtake: () => Promise<void>;
}

/** Holds the one statement that the cell is about. */
function watchLedger(cell: Cell): LedgerWatch {
  const { moment } = cell;
  const [reached, goneOn, overtaken, carriedOut] = [gate(), gate(), gate(), gate()];
  const { held, release } = holding<Onward | 'overtake'>();
  let done: LedgerStatement | undefined;
  let claims = 0;
  const hold = (statement: LedgerStatement) => {
    done = statement;
    reached.open();
    return held;
  };
  const isMarked = ({ settles }: LedgerStatement) => settles.includes(marked);
  const isClaimOfIt = (statement: LedgerStatement) => statement.claims > 0 && claims > claimsBefore(cell);
  const hooks: LedgerHooks = {
    before: (statement) => {
      if (done) return undefined;
      if (statement.claims > 0) claims += 1;
      const concerned =
        (moment === 'before claim' && isClaimOfIt(statement)) || (moment === 'before commit' && isMarked(statement));
      return concerned ? hold(statement) : undefined;
    },
    overtaken: overtaken.opened,
    carriedOut: carriedOut.open,
    after: (statement, rows) => {
      if (done) {
        if (statement.batch === done.batch) goneOn.open();
        return undefined;
      }
      const concerned =
        (moment === 'after claim' && isClaimOfIt(statement) && rows > 0) ||
        (moment === 'after commit' && isMarked(statement));
      return concerned ? hold(statement).then((onward) => (onward === 'drop' ? 'drop' : 'pass')) : undefined;
    },
  };
  return {
    hooks,
    reached: reached.opened,
    release,
    goneOn: goneOn.opened,
    overtake: async () => {
      overtaken.open();
      await carriedOut.opened;
    },
  };
}
