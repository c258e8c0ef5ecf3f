import type { LaneDescription } from '../../src/client/index.js';
import { laneRow } from '../../src/cli/lanes.js';

const lane: LaneDescription = {
  rule: 'garden',
  limits: { connections: 3, messagesPerHour: 6_000 },
  pace: 1,
  workers: [],
  usedAt: '2026-11-26T09:00:00.000Z',
};

test.each<[string, Partial<LaneDescription>, string[]]>([
  ['one that nobody uses', {}, ['garden', '100 %', '', '', '', '', '0 of 3', '']],
  [
    'one that has been asked to be slower, in use by two workers',
    {
      pace: 0.125,
      lastReply: '421 4.7.28',
      permits: { used: 1_200, of: 2_000, periodEndsAt: '2026-11-26T09:05:00.000Z' },
      workers: [
        { worker: 'mail-1:12', connections: 2 },
        { worker: 'mail-2:13', connections: 0 },
      ],
    },
    [
      'garden',
      '13 %',
      '',
      '421 4.7.28',
      '1,200 of 2,000',
      '2026-11-26 09:05:00 UTC',
      '2 of 3',
      'mail-1:12 (2), mail-2:13 (0)',
    ],
  ],
  [
    'one that is held, without a limit of connections',
    { limits: {}, heldUntil: '2026-11-26T09:01:00.000Z', lastReply: 'no reply' },
    ['garden', '100 %', '2026-11-26 09:01:00 UTC', 'no reply', '', '', '0', ''],
  ],
])('%s', (_, own, expected) => {
  expect(laneRow({ ...lane, ...own })).toEqual(expected);
});
