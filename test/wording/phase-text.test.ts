import { nextCommands } from '../../src/wording/phase-text.js';
import { phases } from '../../src/delivery/phase.js';
import { anyPending } from '../cli/any-report.js';

const pendingDecision = anyPending({ mayConfirm: [], mayReject: ['boss'] });

test.each(phases)('there is a command for whoever finds a delivery %s', (phase) => {
  const commands = nextCommands({ id: 'news', phase });
  expect(commands).not.toEqual([]);
  for (const command of commands) expect(command).toMatch(/^sealpost [a-z]+ news( |$)/);
});

test('where nobody may confirm, the one who may reject is named', () => {
  expect(nextCommands({ id: 'news', phase: 'awaiting-decision', author: 'a', pendingDecision })).toEqual([
    'sealpost confirm news',
    'sealpost reject news --operator boss --comment "why"',
  ]);
});

test('who waits for its contact date can be given another one', () => {
  const schedule = { startsAt: '2026-12-01T08:00:00.000Z', waves: [] };
  expect(nextCommands({ id: 'news', phase: 'scheduled', author: 'publisher', schedule })).toEqual([
    'sealpost watch news',
    'sealpost reschedule news --at <date> --operator publisher',
  ]);
});

test('a new revision is expected of its author', () => {
  expect(nextCommands({ id: 'news', phase: 'awaiting-revision', author: 'publisher' })).toEqual([
    'sealpost show news',
    'sealpost revise news <definition> --operator publisher',
  ]);
});

test('messages in doubt wait for somebody, also when all is over', () => {
  expect(nextCommands({ id: 'news', phase: 'finished', counts: { sent: 9, 'in-doubt': 1 } })).toEqual([
    'sealpost in-doubt news',
  ]);
  expect(nextCommands({ id: 'news', phase: 'finished', counts: { sent: 9 } })).toEqual(['sealpost messages news']);
});
