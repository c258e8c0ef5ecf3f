import { median, summarise, type RoundFigures } from './figures.js';
import { parseStat } from './process-usage.js';

test.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('a process by its line in /proc, whatever its name; ended children count', () => {
  const line = '4242 (a) R (b) S 17 1 1 0 -1 4194560 9 8 7 6 100 20 3 4 20 0 11 0 99 123 456';
  expect(parseStat(line)).toEqual({ pid: 4242, parent: 17, ticks: 127 });
});

const usage = (names: readonly string[]) => ({
  otherWork: 0,
  processes: names.map((name, i) => ({ name, cpuSeconds: 2 ** i, rssMb: 100 + i })),
});

test('a side’s CPU time is that of all that works for it, and not of the sink', () => {
  const names = ['worker', 'postgres', 'temporal', 'client', 'sink', 'nodemailer'];
  const round = (seconds: number): RoundFigures => ({
    sealpost: { seconds, usage: usage(names), submission: 1, analysis: 2, untilFinished: seconds + 1, events: 40 },
    nodemailer: { seconds: 4, usage: usage(names) },
  });
  expect(summarise(2_000, [round(1), round(4), round(2)])).toMatchObject({
    sealpost: {
      messagesPerSecond: 1_000,
      eventsPerMessage: 0.02,
      ...(process.platform === 'linux' && { cpuSecondsPer1000: 7.5, workerRssMb: 100 }),
    },
    nodemailerPool: { messagesPerSecond: 500, ...(process.platform === 'linux' && { cpuSecondsPer1000: 16 }) },
    ratio: 2,
  });
});
