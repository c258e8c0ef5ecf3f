import { median, summarise, summariseParameters, summarisePostfix, type PostfixRoundFigures } from './figures.js';
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
  expect(parseStat(line)).toEqual({ pid: 4242, name: 'a) R (b', parent: 17, ticks: 127 });
});

const usage = (names: readonly string[]) => ({
  otherWork: 0,
  threads: [],
  from: 0,
  until: 1,
  processes: names.map((name, i) => ({
    name,
    cpuSeconds: 2 ** i,
    rssMb: 100 + i,
    rssMbInFirstHalf: 90 + i,
    rssMbOfOne: 120 + i,
  })),
});

const names = ['worker', 'postgres', 'temporal', 'client', 'sink', 'nodemailer'];
const round = (seconds: number): PostfixRoundFigures => ({
  sealpost: { seconds, usage: usage(names), submission: 1, analysis: 2, untilFinished: seconds + 1, events: 40 },
  nodemailer: { seconds: 4, usage: usage(names) },
  smtpSource: { seconds: 0.5, usage: usage(names) },
});
const onLinux = <Known>(known: Known) => (process.platform === 'linux' ? known : null);

test('a side’s CPU time is that of all that works for it, and not of the sink', () => {
  expect(summarise({ messages: 2_000, size: 5, processes: 1 }, [round(1), round(4), round(2)])).toMatchObject({
    messages: 2_000,
    sizeKb: 5,
    processes: 1,
    sealpost: {
      messagesPerSecond: 1_000,
      eventsPerMessage: 0.02,
      cpuSecondsPer1000: onLinux(7.5),
      workerRssMb: onLinux(120),
      workerMemory: onLinux({ firstHalfMb: 90, wholeMb: 100 }),
    },
    nodemailerPool: { messagesPerSecond: 500, cpuSecondsPer1000: onLinux(16) },
    ratio: 2,
  });
});

test('beside smtp-source, whose CPU time is counted with that of the process that ran it', () => {
  expect(summarisePostfix(2_000, [round(1), round(4), round(2)])).toEqual({
    messagesPerSecond: 4_000,
    cpuSecondsPer1000: onLinux(4),
    sealpost: { messagesPerSecond: 1_000, cpuSecondsPer1000: onLinux(7.5), ratio: 0.25 },
    nodemailerPool: { messagesPerSecond: 500, cpuSecondsPer1000: onLinux(16), ratio: 0.125 },
    rounds: [
      { sealpost: 2_000, nodemailerPool: 500, smtpSource: 4_000 },
      { sealpost: 500, nodemailerPool: 500, smtpSource: 4_000 },
      { sealpost: 1_000, nodemailerPool: 500, smtpSource: 4_000 },
    ],
  });
});

test('with all parameters on, rates are told beside those of the same rounds without', () => {
  const turn = (seconds: number) => ({ ...round(seconds).sealpost });
  const rounds = [1, 2, 4].map((seconds) => ({ sealpost: turn(seconds), parameters: turn(seconds * 1.25) }));
  expect(summariseParameters(2_000, rounds)).toMatchObject({
    messagesPerSecond: 800,
    bare: { messagesPerSecond: 1_000 },
    ratio: 0.8,
    rounds: [{ bare: 2_000, parameters: 1_600 }, {}, {}],
  });
});
