import { askBeforeStop, stillnessText } from '../../src/cli/steering.js';
import type { DeliveryProgress } from '../../src/client/index.js';
import { recordedTerminal } from './recorded-terminal.js';

const progress: DeliveryProgress = { phase: 'sending', ended: false, counts: {}, total: 1_000, settled: 400 };
const delivery = (own: Partial<DeliveryProgress> = {}) => ({
  id: 'news',
  progress: () => Promise.resolve({ ...progress, ...own }),
});

describe('before a stop', () => {
  test('a person at a terminal is told what it would end, and says it again', async () => {
    const { terminal, out } = recordedTerminal({ tty: true, typed: 'Stop\n' });
    await askBeforeStop({ terminal }, delivery());
    expect(out()).toContain('600 messages would be canceled');
  });

  test.each(['y\n', '\n', ''])('%j stops nothing', async (typed) => {
    const { terminal } = recordedTerminal({ tty: true, typed });
    await expect(askBeforeStop({ terminal }, delivery())).rejects.toMatchObject({ code: 'REFUSED' });
  });

  test('nobody is asked without a terminal, nor for what has ended', async () => {
    const script = recordedTerminal();
    await askBeforeStop(script, delivery());
    const ended = recordedTerminal({ tty: true, typed: '' });
    await askBeforeStop(ended, delivery({ ended: true }));
    expect(script.out() + ended.out()).toBe('');
  });
});

test.each([
  [
    { phase: 'paused', since: '2026-12-01T09:00:03.120Z', lastSentAt: '2026-12-01T09:00:02.000Z' },
    /since 2026.*left at/,
  ],
  [{ phase: 'stopped', since: '2026-12-01T09:00:03.120Z' }, /^Nothing of it is under way since [^;]*$/],
  [{ phase: 'paused' }, /are seen through/],
  [{ phase: 'awaiting-decision' }, /had begun/],
] as const)('%j is told in words', (still, words) => {
  expect(stillnessText(still)).toMatch(words);
});
