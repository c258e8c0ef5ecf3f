import { sendingWorkflowId } from '../../workflows/messages.js';
import { taken } from './fake-ledger.js';
import { openTimeSkippingServer, type TimeSkippingServer } from './time-skipping-server.js';
import { attemptsOf, phasesSince } from './timetable.js';

let server: TimeSkippingServer;
beforeEach(async () => {
  server = await openTimeSkippingServer();
});
afterEach(async () => await server.close());

const approval = { mode: 'automatic' } as const;

test('under a relay that is down until validity ends, everything fails then and nothing is tried later', async () => {
  const { handle, ledger } = await server.start('down', {
    messages: 3,
    approval,
    sending: { batchSize: 2, validity: '6h' },
    relay: () => 'down',
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { failed: 3 } });
  // Temporal tries a batch again once a minute; the first try after validity has ended finds nothing that may leave.
  for (const seq of [1, 3]) expect(attemptsOf(ledger, seq).slice(-3)).toEqual(['0d 05:57', '0d 05:58', '0d 05:59']);
  expect(['0d 06:00 finished', '0d 06:01 finished']).toContain(phasesSince(ledger, 'sending').at(-1));
  expect(ledger.messages).toMatchObject([1, 2, 3].map(() => ({ attempts: 0, reason: 'unreachable' })));
  // Nothing is left that could try again.
  const sending = server.environment.client.workflow.getHandle(sendingWorkflowId('down'));
  expect((await sending.describe()).status.name).toBe('COMPLETED');
});

test('a relay that comes back gets everything within a minute, and its absence has cost no attempt', async () => {
  let down = true;
  const { handle, ledger, pass } = await server.start('back', {
    messages: 3,
    approval,
    relay: () => (down ? 'down' : taken),
  });
  await ledger.reached('sending');
  await pass(5.5);
  down = false;
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 3 } });
  expect(phasesSince(ledger, 'sending')).toEqual(['0d 00:00 sending', '0d 05:30 finished']);
  expect(ledger.messages.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
});
