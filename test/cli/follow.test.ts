import { follow } from '../../src/cli/follow.js';
import type { DeliveryProgress } from '../../src/client/index.js';

const step = (phase: DeliveryProgress['phase'], settled: number): DeliveryProgress => ({
  phase,
  ended: phase === 'stopped',
  counts: {},
  total: 2,
  settled,
});

test('a delivery is followed until it has ended and the last message has its status', async () => {
  const steps = [step('sending', 1), step('stopped', 1), step('stopped', 2), step('stopped', 2)];
  const seen: DeliveryProgress[] = [];
  const delivery = { progress: async () => steps[seen.length] ?? step('stopped', 2) };
  for await (const progress of follow(delivery, 1)) seen.push(progress);
  expect(seen).toEqual(steps.slice(0, 3));
});

test('whoever asked may go before', async () => {
  const stop = new AbortController();
  const delivery = { progress: async () => step('sending', 1) };
  const following = (async () => {
    for await (const _ of follow(delivery, 60_000, stop.signal)) stop.abort();
  })();
  await expect(following).rejects.toMatchObject({ name: 'AbortError' });
});
