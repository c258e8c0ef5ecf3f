import { ProgressDisplay } from '../../src/cli/progress-display.js';
import { recordedTerminal } from './recorded-terminal.js';

const at = (phase: 'analysing' | 'sending' | 'stopped' | 'finished', settled: number) => ({
  phase,
  ended: phase === 'finished',
  counts: {},
  total: 100,
  settled,
});

describe('progress', () => {
  test('without a terminal is a line a phase, at each tenth, and after ten quiet seconds where something moved', () => {
    const { terminal, out } = recordedTerminal();
    const display = new ProgressDisplay(terminal, (phase) => phase);
    const steps: [Parameters<ProgressDisplay['update']>[0], number][] = [
      [at('analysing', 0), 0],
      [at('sending', 0), 100],
      [at('sending', 4), 200],
      [at('sending', 12), 300],
      [at('sending', 13), 400],
      [at('sending', 14), 10_300],
      [at('sending', 14), 30_000],
    ];
    for (const [progress, now] of steps) display.update(progress, now);
    const lines = out().trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/ messages.*/, ''))).toEqual([
      'analysing',
      'sending',
      '    0 %, 0 of 100',
      '   12 %, 12 of 100',
      '   14 %, 14 of 100',
    ]);
  });

  test('on a terminal is one line that changes, and stands at the end', () => {
    const { terminal, out } = recordedTerminal({ tty: true });
    const display = new ProgressDisplay(terminal, () => undefined);
    display.update(at('sending', 10), 0);
    display.update(at('finished', 100), 1_000);
    display.end(at('finished', 100));
    expect(out()).not.toMatch(/\n.*\n/);
    expect(out()).toMatch(/100 of 100 messages\n$/);
  });

  test('of an analysis is what it has made', () => {
    const { terminal, out } = recordedTerminal();
    const display = new ProgressDisplay(terminal, () => undefined);
    const analysing = (prepared: number) => ({ ...at('analysing', 0), analysis: { prepared, total: 40 } });
    display.update(analysing(0), 0);
    display.update(analysing(8), 4_000);
    display.update(analysing(20), 10_000);
    expect(out().trimEnd().split('\n')).toEqual([
      '    0 %, 0 of 40 messages',
      '   20 %, 8 of 40 messages, 2.0/s, about 16 s left',
      '   50 %, 20 of 40 messages, 2.0/s, about 10 s left',
    ]);
  });

  test('of a stopped delivery is no bar: that all are canceled is no hundred percent', () => {
    const { terminal, out } = recordedTerminal({ tty: true });
    const display = new ProgressDisplay(terminal, (phase) => phase);
    display.update(at('stopped', 100), 0);
    display.end(at('stopped', 100));
    expect(out().trim()).toBe('stopped');
  });
});
