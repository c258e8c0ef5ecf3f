import {
  addSample,
  bar,
  estimate,
  percentOf,
  progressText,
  roughTime,
  type Sample,
} from '../../src/wording/progress-estimate.js';

const progress = (settled: number, total: number, counts = {}) => ({
  phase: 'sending' as const,
  ended: false,
  counts,
  total,
  settled,
});

describe('the estimate', () => {
  test('there is none from one sample or without time', () => {
    expect(estimate([], 10)).toBeUndefined();
    expect(estimate([{ at: 5, settled: 1 }], 10)).toBeUndefined();
    expect(
      estimate(
        [
          { at: 5, settled: 1 },
          { at: 5, settled: 2 },
        ],
        10,
      ),
    ).toBeUndefined();
  });

  test('rate and time left are by the samples that still count', () => {
    expect(
      estimate(
        [
          { at: 0, settled: 0 },
          { at: 2_000, settled: 400 },
        ],
        1_000,
      ),
    ).toEqual({ rate: 200, secondsLeft: 3 });
  });

  test('where nothing moves, nobody can say how long', () => {
    expect(
      estimate(
        [
          { at: 0, settled: 7 },
          { at: 2_000, settled: 7 },
        ],
        10,
      ),
    ).toEqual({ rate: 0 });
  });

  test('a resend that lowers the count gives no negative rate', () => {
    expect(
      estimate(
        [
          { at: 0, settled: 9 },
          { at: 1_000, settled: 7 },
        ],
        10,
      ),
    ).toEqual({ rate: 0 });
  });

  test('samples from before the window are forgotten', () => {
    let samples: Sample[] = [];
    for (const at of [0, 10_000, 20_000, 30_001]) samples = addSample(samples, { at, settled: at });
    expect(samples.map(({ at }) => at)).toEqual([20_000, 30_001]);
  });
});

test.each([
  [0.2, '1 s'],
  [41, '41 s'],
  [150, '3 min'],
  [2 * 3_600, '2 h'],
  [2 * 3_600 + 300, '2 h 5 min'],
])('%d seconds are about %s', (seconds, text) => {
  expect(roughTime(seconds)).toBe(text);
});

test.each([
  [0, 0, 0],
  [999, 1_000, 99],
  [1_000, 1_000, 100],
])('%d of %d are %d %%', (settled, total, percent) => {
  expect(percentOf({ settled, total })).toBe(percent);
});

test('the bar is as long as ever and full at the end only', () => {
  expect([0, 50, 99, 100].map((percent) => bar(percent).replaceAll('░', '').length)).toEqual([2, 14, 25, 26]);
  expect(bar(37)).toHaveLength(bar(100).length);
});

describe('the line', () => {
  test('names rate and time left', () => {
    expect(progressText(progress(532, 987), { rate: 1_240, secondsLeft: 12 })).toBe(
      ' 53 %, 532 of 987 messages, 1,240/s, about 12 s left',
    );
  });

  test('names those that wait for another attempt', () => {
    expect(progressText(progress(8, 10, { retrying: 2 }), { rate: 0 })).toBe(
      ' 80 %, 8 of 10 messages, 0/s, 2 wait for another attempt',
    );
  });

  test('says nothing of time when all is done', () => {
    expect(progressText(progress(10, 10), { rate: 3.25, secondsLeft: 0 })).toBe('100 %, 10 of 10 messages, 3.3/s');
  });
});
