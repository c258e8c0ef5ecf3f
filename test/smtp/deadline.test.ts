import { Deadline } from '../../src/smtp/deadline.js';

// With ES modules jest is no global.
const { jest: clock } = import.meta as unknown as { jest: typeof jest };

beforeEach(() => clock.useFakeTimers());
afterEach(() => clock.useRealTimers());

test.each<[string, (deadline: Deadline) => void, number]>([
  ['as set', (deadline) => deadline.allow(100), 100],
  [
    'moved on',
    (deadline) => {
      deadline.allow(100);
      clock.advanceTimersByTime(90);
      deadline.allow(100);
      clock.advanceTimersByTime(90);
      deadline.allow(100);
    },
    100,
  ],
  [
    'shortened',
    (deadline) => {
      deadline.allow(1_000);
      deadline.allow(50);
    },
    50,
  ],
  [
    'shortened after it was moved on',
    (deadline) => {
      deadline.allow(100);
      deadline.allow(1_000);
      clock.advanceTimersByTime(100);
      deadline.allow(200);
    },
    200,
  ],
])('a limit that was %s passes once, and in time', (_, set, left) => {
  let passed = 0;
  set(new Deadline(() => (passed += 1)));
  clock.advanceTimersByTime(left - 1);
  expect(passed).toBe(0);
  clock.advanceTimersByTime(1);
  expect(passed).toBe(1);
  clock.advanceTimersByTime(10_000);
  expect(passed).toBe(1);
});

test('after it has passed it can be set again', () => {
  let passed = 0;
  const deadline = new Deadline(() => (passed += 1));
  deadline.allow(100);
  clock.advanceTimersByTime(100);
  deadline.allow(200);
  clock.advanceTimersByTime(199);
  expect(passed).toBe(1);
  clock.advanceTimersByTime(1);
  expect(passed).toBe(2);
});

test('cleared, it does not pass', () => {
  let passed = 0;
  const deadline = new Deadline(() => (passed += 1));
  deadline.allow(100);
  deadline.clear();
  clock.advanceTimersByTime(1_000);
  expect(passed).toBe(0);
});
