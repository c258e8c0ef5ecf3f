import { CommitPace, type MessagesInHand } from '../../activities/commit-pace.js';

// With ES modules jest is no global.
const { jest: clock } = import.meta as unknown as { jest: typeof jest };

beforeEach(() => clock.useFakeTimers());
afterEach(() => clock.useRealTimers());

const someAnswered: MessagesInHand = { holding: 30, underWay: 20, unwritten: 10 };

test.each<[string, MessagesInHand, boolean]>([
  ['as many results as connections', someAnswered, true],
  ['fewer, while others are under way', { holding: 30, underWay: 21, unwritten: 9 }, false],
  ['few, and nothing else comes', { holding: 1, underWay: 0, unwritten: 1 }, true],
  ['claimed messages that cannot be begun', { holding: 5, underWay: 0, unwritten: 0 }, true],
  ['nothing at all', { holding: 0, underWay: 0, unwritten: 0 }, false],
])('before the first statement: %s', (_, inHand, due) => {
  expect(new CommitPace(10).isDue(inHand)).toBe(due);
});

test.each([
  ['twice as long as that took', 3, 6],
  ['no longer than a result may wait', 400, 10],
])('after a statement its successor waits %s', (_, took, waits) => {
  const pace = new CommitPace(10);
  clock.advanceTimersByTime(1_000);
  pace.committed(took);
  clock.advanceTimersByTime(waits - 1);
  expect(pace.isDue(someAnswered)).toBe(false);
  // What is answered as a whole waits for nothing.
  expect(pace.isDue({ holding: 30, underWay: 0, unwritten: 30 })).toBe(true);
  clock.advanceTimersByTime(1);
  expect(pace.isDue(someAnswered)).toBe(true);
});
