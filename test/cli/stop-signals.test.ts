import { EventEmitter } from 'node:events';
import { stopSignals } from '../../src/cli/stop-signals.js';

function listening(terminal: boolean) {
  const process = new EventEmitter();
  let more = 0;
  const stop = stopSignals(() => (more += 1), { process, terminal });
  return { process, stop, more: () => more };
}

test.each([
  ['SIGINT', true],
  ['SIGTERM', true],
  ['SIGHUP', true],
  ['SIGINT', false],
  ['SIGTERM', false],
])('%s stops, on a terminal: %s; the second one is told', (name, terminal) => {
  const { process, stop, more } = listening(terminal);
  process.emit(name);
  expect([stop.signal.aborted, more()]).toEqual([true, 0]);
  process.emit(name);
  expect(more()).toBe(1);
});

test('SIGHUP without a terminal is taken and does nothing, as under nohup', () => {
  const { process, stop } = listening(false);
  expect(process.emit('SIGHUP')).toBe(true);
  expect(stop.signal.aborted).toBe(false);
});

test('released, the signals are the system’s again', () => {
  const { process, stop } = listening(false);
  stop.release();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) expect(process.listenerCount(name)).toBe(0);
});
