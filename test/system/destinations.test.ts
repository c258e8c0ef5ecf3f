import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivery, LaneDescription } from '../../src/client/index.js';
import { pacing } from '../../src/smtp/rules/pace.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, type Values } from './definition.js';
import { eventually, openEnvironment, type TestEnvironment } from './environment.js';

const rules = {
  rules: ['slowing', 'down'].map((name) => ({ name, domains: [`${name}.example`], connections: 2, relay: 'mx' })),
};

let environment: TestEnvironment;
let folder: string;
let all: ScriptedRelay;
let mx: ScriptedRelay;
/** What the host of the limited domains says to the nth RCPT for a recipient; nothing where it takes the message. */
let answer: (recipient: string, n: number) => string | undefined;
const contacts = new Map<string, number>();

beforeAll(async () => {
  environment = await openEnvironment();
  folder = await mkdtemp(join(tmpdir(), 'sealpost-destinations-'));
  await writeFile(join(folder, 'mx.json'), JSON.stringify(rules));
  all = await startScriptedRelay();
  mx = await startScriptedRelay({
    on: (stage, { recipient }) => {
      if (stage !== 'rcpt') return undefined;
      const n = (contacts.get(recipient) ?? 0) + 1;
      contacts.set(recipient, n);
      return answer(recipient, n);
    },
  });
  const env = { SMTP_URL: all.url, SMTP_URL_MX: mx.url, SEALPOST_MX_RULES: join(folder, 'mx.json') };
  await environment.startWorker(env);
});
afterAll(async () => {
  await environment.close();
  await all.close();
  await mx.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(id: string, addresses: readonly string[], sending: Values['sending'] = {}): Promise<Delivery> {
  const recipients = addresses.map((email) => ({ email, first_name: 'Ann' }));
  const values = definition({ id, approval: { mode: 'automatic' }, recipients, sending });
  return await environment.sealpost.start(values, { operator: 'author' });
}

const people = (name: string, count: number, domain: string): string[] =>
  Array.from({ length: count }, (_, n) => `${name}${n}@${domain}.example`);

/** Waits until a lane is there and as it is wanted, as `sealpost lanes --json` tells it. */
async function laneWith(rule: string, wanted: (lane: LaneDescription) => boolean): Promise<LaneDescription> {
  const seen = await eventually(
    async () => {
      const { stdout } = await environment.cli(['lanes', '--json']);
      return (JSON.parse(stdout) as LaneDescription[]).find((one) => one.rule === rule);
    },
    // A lane is told from its first message on.
    (lane) => lane !== undefined && wanted(lane),
  );
  return seen as LaneDescription;
}

test('a destination that refuses every tenth message for now is served slower, gets all of them in the end, and recovers', async () => {
  answer = (recipient, n) => (n === 1 && /[05]@/.test(recipient) ? '450 4.7.28 unusual rate of mail' : undefined);
  const delivery = await start('slowed', people('ann', 100, 'slowing'), { retries: { policyAfter: '1s' } });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 100 } });
  expect(mx.received.size).toBe(100);
  const slowed = await laneWith('slowing', ({ pace }) => pace < 1);
  expect(slowed).toMatchObject({ pace: 0.5, lastReply: '450 4.7.28' });
  expect(slowed.heldUntil).toBeUndefined();

  // As if so much time had passed without a refusal.
  await environment.database.query(
    `update sending_bucket set pace = jsonb_set(pace, '{changedAt}', to_jsonb((pace->>'changedAt')::float8 - $1))
     where bucket = 'rule:slowing'`,
    [pacing.fasterAfter],
  );
  answer = () => undefined;
  const other = await start('recovered', people('ben', 20, 'slowing'));
  expect(await other.outcome()).toEqual({ outcome: 'finished', counts: { sent: 20 } });
  expect(await laneWith('slowing', ({ pace }) => pace > 0.5)).toMatchObject({ pace: 0.5 * pacing.fasterBy });
});

test('a destination that is down is held, holds nobody else up, and gets its messages once it is back', async () => {
  answer = () => '451 4.3.0 down for the moment';
  const addresses = people('cleo', 200, 'down').flatMap((email, n) => [email, `dan${n}@shop.example`]);
  const delivery = await start('held', addresses, { retries: { interval: '1s' } });
  const held = await laneWith('down', ({ heldUntil }) => heldUntil !== undefined);
  expect(held).toMatchObject({ rule: 'down', limits: { connections: 2 }, lastReply: '451 4.3.0' });
  await eventually(
    () => delivery.progress(),
    ({ counts }) => counts.sent === 200,
  );
  const { stdout } = await environment.cli(['lanes']);
  expect(stdout).toMatch(/^down +100 % +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC +451 4\.3\.0 /m);
  // What was under way when it was held, and no more: the others wait, and no attempt is counted.
  const tried = [...contacts.keys()].filter((recipient) => recipient.endsWith('@down.example')).length;
  expect(tried).toBeGreaterThanOrEqual(pacing.failures);
  expect(tried).toBeLessThanOrEqual(pacing.failures + 3 * 2);

  answer = () => undefined;
  await environment.database.query(`update sending_bucket set pace = pace - 'heldUntil' where bucket = 'rule:down'`);
  // Another rate has the times of what was put off planned anew.
  await delivery.setRate({ operator: 'author', rate: '1000/s' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 400 } });
});
