import { WorkflowNotFoundError } from '@temporalio/client';
import { openTimeSkippingServer, type TimeSkippingServer } from './time-skipping-server.js';
import { phasesSince } from './timetable.js';

let server: TimeSkippingServer;
beforeEach(async () => {
  server = await openTimeSkippingServer();
});
afterEach(async () => await server.close());

const minute = 1 / 60;
const confirm = { verdict: 'confirm', seal: 'a'.repeat(64) };

test('the request for a decision expires after seven days, and no decision counts from then on', async () => {
  const { handle, ledger, command } = await server.start('silent', { messages: 3 });
  expect(await handle.result()).toEqual({ outcome: 'expired', counts: { canceled: 3 } });
  expect(phasesSince(ledger, 'awaiting-decision')).toEqual(['0d 00:00 awaiting-decision', '7d 00:00 expired']);
  await expect(command('decide', confirm)).rejects.toBeInstanceOf(WorkflowNotFoundError);
  expect(ledger.attempts).toEqual([]);
});

test('a decision counts up to the last minute', async () => {
  const { handle, ledger, command, pass } = await server.start('late', { messages: 3 });
  await ledger.reached('awaiting-decision');
  await pass(7 * 24 - minute);
  expect(await command('decide', confirm)).toEqual({ accepted: true });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 3 } });
  expect(phasesSince(ledger, 'awaiting-decision')).toEqual([
    '0d 00:00 awaiting-decision',
    '6d 23:59 scheduled',
    '6d 23:59 sending',
    '6d 23:59 finished',
  ]);
});

test('one of two confirmations is not enough: the request expires all the same, paused or not', async () => {
  const approval = { quorum: 2, approvers: ['approver'], expiresAfter: '2d' };
  const { handle, ledger, command, pass } = await server.start('half', { messages: 3, approval });
  await ledger.reached('awaiting-decision');
  await pass(12);
  expect(await command('decide', confirm)).toEqual({ accepted: true });
  expect(await command('pause')).toEqual({ accepted: true });
  expect(await handle.result()).toMatchObject({ outcome: 'expired' });
  expect(phasesSince(ledger, 'awaiting-decision')).toEqual(['0d 00:00 awaiting-decision', '2d 00:00 expired']);
});

test('a new revision has its own seven days', async () => {
  const { handle, ledger, command, pass } = await server.start('revised', { messages: 3 });
  await ledger.reached('awaiting-decision');
  await pass(5 * 24);
  expect(await command('revise', { revision: 'c'.repeat(64) })).toEqual({ accepted: true });
  await handle.result();
  expect(phasesSince(ledger, 'awaiting-decision')).toEqual([
    '0d 00:00 awaiting-decision',
    '5d 00:00 checking',
    '5d 00:00 analysing',
    '5d 00:00 awaiting-decision',
    '12d 00:00 expired',
  ]);
});
