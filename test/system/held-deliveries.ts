import { Client, type Pool } from 'pg';
import type { Delivery } from '../../src/client/index.js';
import type { Phase } from '../../src/delivery/phase.js';
import { gate } from '../smtp/gate.js';
import type { RelayAnswer, RelayStage } from '../smtp/scripted-relay.js';
import { definition, recipients, type Values } from './definition.js';
import { eventually, type TestEnvironment } from './environment.js';

/** What the relay says to one person of a delivery, at a stage. */
type Script = (stage: RelayStage, recipient: string) => RelayAnswer | Promise<RelayAnswer>;

/** Where deliveries are held, each by means of its own. */
export interface HoldingEnvironment {
  environment: TestEnvironment;
  /** By the domain of the recipients. */
  scripts: Map<string, Script>;
}

/** A delivery that stays where it is. */
export interface HeldDelivery {
  delivery: Delivery;
  /** How many are under the seal in the end. */
  recipients: number;
  proofRecipients: number;
  /** Waits until nothing moves any more. */
  settled: () => Promise<unknown>;
  /** What happens just before the kill. */
  stir: () => Promise<unknown>;
  /** Takes away what holds it, if that is not a person. */
  release: () => Promise<unknown>;
  /** What people do who are waited for. */
  goOn: () => Promise<unknown>;
}

type Hold = (at: HoldingEnvironment, id: string) => Promise<HeldDelivery>;

const nothing = (): Promise<void> => Promise.resolve();

/** The states of a delivery, and how one is brought to stay in each. */
export const states = {
  checking: async (at, id) => {
    const holder = await lock(at.environment, `checking ${id}`);
    const held = await start(at, id, 30);
    return { ...held, settled: () => blocked(at.environment.database, holder), release: () => holder.end() };
  },

  proofing: async (at, id) => {
    const door = gate();
    at.scripts.set(`proof.${id}.example`, (stage) => (stage === 'dot' ? door.opened : undefined));
    const proofs = { recipients: [`a@proof.${id}.example`, `b@proof.${id}.example`] };
    const held = await start(at, id, 30, { proofs });
    return {
      ...held,
      proofRecipients: 2,
      settled: () => claimed(at.environment.database, id, 2, 1),
      release: () => Promise.resolve(door.open()),
    };
  },

  analysing: async (at, id) => {
    const holder = await lock(at.environment, `analysing ${id}`);
    const held = await start(at, id, 300, { sending: { batchSize: 100 } });
    return { ...held, settled: () => blocked(at.environment.database, holder), release: () => holder.end() };
  },

  'awaiting-decision': async (at, id) => {
    const held = await start(at, id, 30, { approval: { approvers: ['approver'] } });
    const { delivery } = held;
    return {
      ...held,
      settled: () => phase(delivery, 'awaiting-decision'),
      goOn: async () => {
        const { seal = '' } = await delivery.show();
        await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
      },
    };
  },

  'awaiting-revision': async (at, id) => {
    const held = await start(at, id, 30, { subject: '' });
    const { delivery } = held;
    return {
      ...held,
      settled: () => phase(delivery, 'awaiting-revision'),
      goOn: () => delivery.revise(values(id, 30), { operator: 'author' }),
    };
  },

  sending: async (at, id) => {
    const [first, last] = [gate(), gate()];
    const flowing = gate();
    at.scripts.set(`${id}.example`, (stage, recipient) => {
      if (stage !== 'dot') return undefined;
      if (positionOf(recipient) === 150) flowing.open();
      if (positionOf(recipient) > 400) return last.opened;
      return positionOf(recipient) > 40 ? first.opened : undefined;
    });
    // On connections of its own: those that are held would be missing to the others.
    const held = await start(at, id, 600, { relay: 'held' });
    return {
      ...held,
      // A batch's share of the connections stands at the relay's final dot, and some more may be claimed ahead.
      settled: () => claimed(at.environment.database, id, connections / 2),
      // The kill comes while messages leave as fast as they can.
      stir: () => {
        first.open();
        return flowing.opened;
      },
      release: () => Promise.resolve(last.open()),
    };
  },

  paused: async (at, id) => {
    const { database } = at.environment;
    const door = gate();
    at.scripts.set(`${id}.example`, (stage, recipient) =>
      stage === 'dot' && positionOf(recipient) > 10 ? door.opened : undefined,
    );
    const held = await start(at, id, 100);
    const { delivery } = held;
    await claimed(database, id, connections / 2);
    await delivery.pause({ operator: 'owner' });
    await seen(database, `select from delivery where id = $1 and control = 'pause'`, [id]);
    door.open();
    return {
      ...held,
      settled: () =>
        eventually(
          () => delivery.show(),
          ({ journal }) => journal.some(({ kind }) => kind === 'sending-paused'),
        ),
      goOn: () => delivery.resume({ operator: 'owner' }),
    };
  },

  'waiting for a retry': async (at, id) => {
    let busy = true;
    at.scripts.set(`${id}.example`, (stage, recipient) =>
      busy && stage === 'rcpt' && positionOf(recipient) === 1 ? '451 4.7.1 come back later' : undefined,
    );
    const held = await start(at, id, 30, { sending: { retries: { inFirstDay: 24, interval: '10s' } } });
    return {
      ...held,
      settled: () =>
        seen(
          at.environment.database,
          `select from message m join delivery d on d.key = m.delivery
           where d.id = $1 and m.status = 'retrying' and m.next_attempt_at > now() + interval '4 s'`,
          [id],
        ),
      release: () => {
        busy = false;
        return nothing();
      },
    };
  },
} satisfies Record<string, Hold>;

export type State = keyof typeof states;

/** Of the worker to its relay. A claim takes half of them, and there are two claims to a batch. */
export const connections = 8;

/** Position in the definition's recipients, from 1. */
export function positionOf(recipient: string): number {
  return Number(/^person(\d+)@/.exec(recipient)?.[1] ?? 0);
}

/** Makes the ledger wait, where a test holds the lock of that name. */
export async function installLocks(database: Pool): Promise<void> {
  await database.query(
    `create function await_test() returns trigger language plpgsql as $$
     begin
       perform pg_advisory_xact_lock_shared(hashtext(tg_argv[0] || ' ' || d.id))
       from delivery d join revision r on r.delivery = d.key where r.key = new.revision;
       return new;
     end $$;
     create trigger await_test before insert on finding for each row
       when (new.step = 'parameters') execute function await_test('checking');
     create trigger await_test before update of leaf on message for each row
       when (new.seq > 150) execute function await_test('analysing')`,
  );
}

function values(id: string, count: number, own: Partial<Values> = {}): Values {
  return definition({
    id,
    approval: { mode: 'automatic' },
    // The variable gives a finding to the check, and asks nothing of anybody.
    content: { text: "{% if first_name == 'Nobody' %}{{ nickname }}{% endif %}Dear {{ first_name }}" },
    recipients: recipients(count).map((one) => ({ ...one, email: one.email.replace('shop', id) })),
    ...own,
  });
}

async function start(
  { environment }: HoldingEnvironment,
  id: string,
  count: number,
  own: Partial<Values> = {},
): Promise<HeldDelivery> {
  const delivery = await environment.sealpost.start(values(id, count, own), { operator: 'author' });
  return {
    delivery,
    recipients: count,
    proofRecipients: 0,
    settled: nothing,
    stir: nothing,
    release: nothing,
    goOn: nothing,
  };
}

async function lock({ env }: TestEnvironment, name: string): Promise<Client> {
  const holder = new Client({ connectionString: env['DATABASE_URL'] });
  // It may die with its server.
  holder.on('error', () => undefined);
  await holder.connect();
  await holder.query('select pg_advisory_lock(hashtext($1))', [name]);
  return holder;
}

async function blocked(database: Pool, holder: Client): Promise<void> {
  const { rows } = await holder.query<{ pid: number }>('select pg_backend_pid() as pid');
  await seen(database, 'select from pg_stat_activity where $1 = any(pg_blocking_pids(pid))', [rows[0]?.pid]);
}

/** Waits until so many messages at least are between claim and reply. */
async function claimed(database: Pool, id: string, count: number, proof = 0): Promise<void> {
  await seen(
    database,
    `select from message m join delivery d on d.key = m.delivery
     where d.id = $1 and m.proof = $2 and m.status = 'sending' having count(*) >= $3`,
    [id, proof, count],
  );
}

async function phase(delivery: Delivery, wanted: Phase): Promise<void> {
  await eventually(
    () => delivery.progress(),
    (progress) => progress.phase === wanted,
  );
}

async function seen(database: Pool, query: string, parameters: unknown[]): Promise<void> {
  await eventually(
    () => database.query(query, parameters),
    ({ rowCount }) => (rowCount ?? 0) > 0,
  );
}
