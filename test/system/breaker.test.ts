import PostalMime, { type Email } from 'postal-mime';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients } from './definition.js';
import { eventually, inPhase, openEnvironment, type TestEnvironment } from './environment.js';

const connections = 4;
let environment: TestEnvironment;
let relay: ScriptedRelay;
let isBad = true;
/** When each message was taken, in milliseconds since the epoch. */
const takenAt: number[] = [];

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({
    keep: true,
    on: (stage, { recipient }) =>
      isBad && stage === 'rcpt' && /[147]@/.test(recipient) ? '550 5.1.1 no such user' : undefined,
    onTaken: ({ recipient }) => void (recipient.endsWith('@shop.example') && takenAt.push(Date.now())),
  });
  await environment.sealpost.operators.put({ id: 'owner', name: 'owner', email: 'owner@staff.example' }, 'author');
  await environment.startWorker({
    SMTP_URL: `${relay.url}&connections=${connections}`,
    SEALPOST_NOTICE_FROM: 'Sealpost <sealpost@garden.example>',
  });
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

const mailToOwner = (): Promise<Email[]> =>
  Promise.all(
    relay.messages
      .filter(({ recipient }) => recipient === 'owner@staff.example')
      .map(({ bytes }) => PostalMime.parse(bytes)),
  );

test('a delivery of which too much fails pauses by itself, says why and tells its owner; resumed, it goes on', async () => {
  const delivery = await environment.sealpost.start(
    definition({
      id: 'bad-list',
      approval: { mode: 'automatic' },
      recipients: recipients(2_000),
      sending: { batchSize: 100, breaker: { last: 200, atLeast: 100, limits: { failed: '10%' } } },
    }),
    { operator: 'author' },
  );
  const { heldFor = '', journal, counts } = await inPhase(delivery, 'paused');
  expect(heldFor).toMatch(
    /^too much has gone wrong: \d+ of the last \d+ messages failed, and sending\.breaker\.limits\.failed allows 10%$/,
  );
  expect(counts.pending).toBeGreaterThan(1_000);
  const held = journal.find(({ kind }) => kind === 'held');
  expect(held?.reason).toBe(heldFor);
  // From then on nothing was claimed: what had been claimed before leaves at the most.
  const after = takenAt.filter((at) => at > Date.parse(held?.at ?? '')).length;
  expect(after).toBeLessThanOrEqual(3 * connections);

  const { stdout } = await environment.cli(['show', 'bad-list']);
  expect(stdout).toContain(`paused: ${heldFor}; what is left waits until it is resumed`);
  expect(stdout).toContain('sealpost resume bad-list');
  const told = await eventually(
    async () => (await delivery.show()).journal.find(({ kind }) => kind === 'told'),
    (entry) => entry !== undefined,
  );
  expect(told?.counts).toEqual({ told: 1, 'without-address': 1 });
  const [mail, ...more] = await mailToOwner();
  expect(mail?.subject).toBe('Paused by itself: Test delivery');
  expect(mail?.text).toContain(heldFor);
  expect(more).toEqual([]);

  isBad = false;
  await delivery.resume({ operator: 'owner' });
  const failed = counts.failed ?? 0;
  const { outcome, counts: ended } = await delivery.outcome();
  expect(outcome).toBe('finished');
  expect((ended.failed ?? 0) - failed).toBeLessThanOrEqual(3 * connections);
  expect((ended.sent ?? 0) + (ended.failed ?? 0)).toBe(2_000);
  const { rows } = await environment.database.query('select from settled_run');
  expect(rows).toEqual([]);
  const [, end] = await eventually(mailToOwner, (all) => all.length > 1);
  expect(end?.subject).toBe('Finished: Test delivery');
  expect(end?.text).toContain(`Relays took ${(ended.sent ?? 0).toLocaleString('en')} of 2,000 messages.`);
});
