import { CommitPace } from '../../activities/commit-pace.js';

// With ES modules jest is no global.
const { jest: clock } = import.meta as unknown as { jest: typeof jest };

beforeEach(() => clock.useFakeTimers());
afterEach(() => clock.useRealTimers());

test.each([
  ['as many as connections wait for nothing', 10, 0],
  ['fewer wait for others', 9, 10],
])('before the first statement: results, %s', (_, results, waits) => {
  expect(new CommitPace(10).waitMs(results)).toBe(waits);
});

test.each([
  ['twice as long as that took', [3], 6],
  ['no longer than any result may wait', [400], 10],
  ['as the longest of several that followed each other would have it', [4, 1], 8],
])('after a statement results wait %s', (_, statements, waits) => {
  const pace = new CommitPace(10);
  clock.advanceTimersByTime(1_000);
  for (const took of statements) pace.committed(took);
  clock.advanceTimersByTime(1);
  expect(pace.waitMs(10)).toBe(waits - 1);
  clock.advanceTimersByTime(waits);
  expect(pace.waitMs(10)).toBe(0);
  expect(pace.waitMs(9)).toBe(10);
});
