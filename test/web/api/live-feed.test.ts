import { LiveFeeds } from '../../../src/web/api/live-feed.js';

test('fifty viewers of one thing have it looked at once, and nobody looks when all have gone', async () => {
  let looks = 0;
  const feeds = new LiveFeeds(
    (name) => Promise.resolve({ event: 'told', data: { name, looks: (looks += 1) }, ended: looks === 3 }),
    { everyMs: 1, heartbeatMs: 1_000 },
  );
  const told: string[][] = [];
  const ends = Array.from({ length: 50 }, () => {
    const own: string[] = [];
    told.push(own);
    return new Promise<void>((end) => feeds.add('one', { write: (text) => own.push(text) > 0, end }));
  });
  await Promise.all(ends);
  expect([looks, feeds.viewers]).toEqual([3, 0]);
  for (const own of told) expect(own.join('').match(/^data: \{"name":"one","looks":\d\}$/gm)).toHaveLength(3);
});
