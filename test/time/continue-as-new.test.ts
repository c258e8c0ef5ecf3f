import { commandSignals, decisionsQuery, deliveryWorkflowId, sendingWorkflowId } from '../../workflows/messages.js';
import { softRefusal, taken, type FakeLedger } from './fake-ledger.js';
import { openTimeSkippingServer, type RunningDelivery, type TimeSkippingServer } from './time-skipping-server.js';
import { attemptsOf, phasesSince, toldSince } from './timetable.js';

let server: TimeSkippingServer;
beforeEach(async () => {
  server = await openTimeSkippingServer();
});
afterEach(async () => await server.close());

/** How many runs a workflow has had. */
async function runsOf(workflowId: string, runId?: string): Promise<number> {
  const { events } = await server.environment.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const before = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  return before ? 1 + (await runsOf(workflowId, before)) : 1;
}

const flood = 1_600;

/** More commands than one run takes, each of which is refused: there are no proof recipients. */
async function sendFlood({ handle }: RunningDelivery): Promise<void> {
  for (let sent = 0; sent < flood; sent += 50) {
    await Promise.all(Array.from({ length: 50 }, () => handle.signal(commandSignals.sendProof, { operator: 'owner' })));
  }
  while ((await runsOf(handle.workflowId)) === 1) await new Promise((resolve) => setTimeout(resolve, 50));
  // This server forgets to unlock its clock when a parent continues as new (temporalio/sdk-java issue 1540).
  await server.environment.connection.testService?.unlockTimeSkipping({});
}

function refusedProofs(ledger: FakeLedger): number {
  const refusals = ledger.journal.filter(({ kind, accepted }) => kind === 'sendProof' && accepted === false);
  return refusals.reduce((sum, { times = 1 }) => sum + times, 0);
}

test('sending keeps its place in the first pass and in the retries over several runs', async () => {
  const messages = 1_050;
  const { handle, ledger } = await server.start('many', {
    messages,
    approval: { mode: 'automatic' },
    sending: { batchSize: 1 },
    relay: (_, attempt) => (attempt === 1 ? softRefusal : taken),
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: messages } });
  const timetables = ledger.messages.map(({ seq }) => attemptsOf(ledger, seq).join(', '));
  expect([...new Set(timetables)]).toEqual(['0d 00:00, 0d 01:00']);
  expect(phasesSince(ledger, 'sending')).toEqual(['0d 00:00 sending', '0d 01:00 finished']);
  expect(await runsOf(sendingWorkflowId('many'))).toBe(3);
});

test('a delivery that continues as new while it awaits a decision keeps decisions, reminders, expiry and journal', async () => {
  const delivery = await server.start('flooded', {
    messages: 3,
    approval: { quorum: 2, approvers: ['approver'], requests: { remindEvery: '40h' } },
  });
  const { handle, ledger, command, pass } = delivery;
  await ledger.reached('awaiting-decision');
  await command('decide', { verdict: 'confirm', seal: ledger.seal });
  await pass(3 * 24);
  await sendFlood(delivery);
  await pass(3 * 24);
  expect(await handle.query(decisionsQuery)).toMatchObject([{ operator: 'owner', accepted: true }]);
  await command('decide', { operator: 'approver', verdict: 'confirm', seal: ledger.seal });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 3 } });
  expect(phasesSince(ledger, 'awaiting-decision')).toEqual([
    '0d 00:00 awaiting-decision',
    '6d 00:00 scheduled',
    '6d 00:00 sending',
    '6d 00:00 finished',
  ]);
  expect(toldSince(ledger)).toEqual([
    '0d 00:00 request',
    '1d 16:00 reminder',
    '3d 08:00 reminder',
    '5d 00:00 reminder',
  ]);
  expect(await runsOf(deliveryWorkflowId('flooded'))).toBe(2);
  expect(refusedProofs(ledger)).toBe(flood);
  expect(ledger.journal.map(({ n }) => n)).toEqual(ledger.journal.map((_, index) => index + 1));
});

test('a delivery that continues as new while messages leave hears the end of its sending', async () => {
  const delivery = await server.start('flooded', {
    messages: 3,
    approval: { mode: 'automatic' },
    relay: (_, attempt) => (attempt < 4 ? softRefusal : taken),
  });
  const { handle, ledger, pass } = delivery;
  await ledger.reached('sending');
  await pass(1.5);
  await sendFlood(delivery);
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 3 } });
  expect(attemptsOf(ledger, 1)).toEqual(['0d 00:00', '0d 01:00', '0d 02:00', '0d 03:00']);
  expect(phasesSince(ledger, 'sending')).toEqual(['0d 00:00 sending', '0d 03:00 finished']);
  expect(await runsOf(deliveryWorkflowId('flooded'))).toBe(2);
  expect(refusedProofs(ledger)).toBe(flood);
});
