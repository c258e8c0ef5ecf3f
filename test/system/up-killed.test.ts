import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { Sealpost } from '../../src/client/index.js';
import { inboxMessages } from '../../src/local/inbox-files.js';
import { definition, recipients } from './definition.js';
import { eventually } from './environment.js';
import { openUp, type UpProcess } from './up-process.js';

const total = 1_000;
/** Of the worker to the inbox, by default. */
const connections = 20;

let up: UpProcess;

beforeAll(async () => {
  up = await openUp();
});
afterAll(async () => {
  await up.close();
});

/** Process ids of the stack's parts, as `up` has put them on record. */
function pidOf(part: 'worker' | 'temporal' | 'postgres'): number | undefined {
  try {
    const known = JSON.parse(readFileSync(join(up.home, 'run.json'), 'utf8')) as Record<string, { pid: number }>;
    return known[part]?.pid;
  } catch {
    return undefined;
  }
}

async function begins(part: 'worker' | 'temporal' | 'postgres'): Promise<void> {
  const before = pidOf(part);
  await eventually(
    () => Promise.resolve(pidOf(part)),
    (pid) => pid !== before,
  );
}

test('killed at any moment of its start, it starts again by itself', async () => {
  const moments = [
    () => up.says('Starting'),
    () => up.says('making the database'),
    () => begins('postgres'),
    () => begins('temporal'),
    () => begins('worker'),
  ];
  for (const moment of moments) {
    up.begin();
    await moment();
    await up.end('SIGKILL');
  }
  up.begin();
  await up.says('Ctrl-C');
  expect(JSON.parse(await up.sealpost('list', '--json'))).toEqual([]);
});

async function connect(): Promise<{ sealpost: Sealpost; migrateUrl: string }> {
  const env = JSON.parse(await up.sealpost('env', '--json')) as Record<string, string>;
  const { migrateUrl } = JSON.parse(readFileSync(join(up.home, 'stack.json'), 'utf8')) as { migrateUrl: string };
  return { sealpost: Sealpost.connect({ env }), migrateUrl };
}

async function run(migrateUrl: string, statements: string): Promise<void> {
  const client = new Client({ connectionString: migrateUrl });
  await client.connect();
  await client.query(statements);
  await client.end();
}

/** Refuses claims above a position, so that no kill comes too late. */
const barrier = (position: number): string =>
  `create trigger barrier_${position} before update of status on message for each row
   when (new.status = 'sending' and new.seq > ${position}) execute function refuse()`;

/** Looks as often as it can: what it waits for must not be over before it is seen. */
async function inboxHas(count: number): Promise<void> {
  while (readdirSync(join(up.home, 'inbox')).length < count) await delay(1);
}

/** Message-IDs of all that the inbox took, by recipient. */
async function taken(): Promise<Map<string, string[]>> {
  const ids = new Map<string, string[]>();
  for await (const { deliveredTo, message } of inboxMessages(join(up.home, 'inbox'))) {
    const id = /^Message-ID:\s*(\S+)/im.exec(message.toString('latin1'))?.[1] ?? '';
    for (const to of deliveredTo) ids.set(to, [...(ids.get(to) ?? []), id]);
  }
  return ids;
}

test('killed while messages leave, alone and with all its parts, it finishes the delivery: nobody twice, nobody lost', async () => {
  const first = await connect();
  const refuse = `create function refuse() returns trigger language plpgsql as $$ begin raise 'not yet'; end $$`;
  await run(first.migrateUrl, [refuse, barrier(400), barrier(800)].join(';'));
  await first.sealpost.start(
    definition({
      id: 'long',
      approval: { mode: 'automatic' },
      recipients: recipients(total),
      sending: { batchSize: 250 },
    }),
    { operator: 'author' },
  );
  await inboxHas(200);
  await up.end('SIGKILL');
  await first.sealpost.close();
  // Postgres outlives it until the next one comes.
  await run(first.migrateUrl, 'drop trigger barrier_400 on message');

  up.begin();
  await inboxHas(500);
  const ended = up.end('SIGKILL');
  for (const part of ['worker', 'temporal', 'postgres'] as const) process.kill(pidOf(part) ?? NaN, 'SIGKILL');
  await ended;

  up.begin();
  await up.says('Ctrl-C');
  const { sealpost, migrateUrl } = await connect();
  await run(migrateUrl, 'drop trigger barrier_800 on message');
  const delivery = sealpost.delivery('long');
  const { outcome, counts } = await delivery.outcome();
  expect(outcome).toBe('finished');
  const inDoubt = counts['in-doubt'] ?? 0;
  expect((counts.sent ?? 0) + inDoubt).toBe(total);
  // The first kill takes the inbox from a worker that lives on; the second may leave three groups behind.
  expect(inDoubt).toBeLessThanOrEqual(connections + 3 * connections);

  const inbox = await taken();
  const copies: Record<string, number[]> = { sent: [1], 'in-doubt': [0, 1] };
  const wrong: string[] = [];
  for await (const { address, status } of delivery.messages()) {
    if (!copies[status]?.includes(inbox.get(address)?.length ?? 0)) wrong.push(`${address} ${status}`);
  }
  expect(wrong).toEqual([]);
  const ids = [...inbox.values()].flat();
  expect(new Set(ids).size).toBe(ids.length);
  await sealpost.close();
}, 600_000);
