import fc from 'fast-check';
import { grantConnections, slotPatienceMs, type SlotHolder } from '../../src/smtp/rules/connection-slots.js';

const holder = (name: string, connections: number, since = 0, wanted = 3): SlotHolder => ({
  holder: name,
  connections,
  wanted,
  since,
});
const long = slotPatienceMs;

test.each<[string, SlotHolder[], SlotHolder, number, number]>([
  ['the first one has all', [], holder('a', 0), 0, 3],
  ['what others have is theirs', [holder('b', 2)], holder('a', 0), 0, 1],
  ['who waited before comes first', [holder('b', 0, -5)], holder('a', 0), 0, 2],
  ['who waits gets one before others get more', [holder('b', 0, 5)], holder('a', 1), 0, 2],
  ['nobody gives up at once', [holder('b', 0, 1)], holder('a', 3), long, 3],
  ['after a while, down to an equal share', [holder('b', 0, 0)], holder('a', 3), long, 1],
  [
    'of those with a share, the longest gives one up',
    [holder('b', 1, 1), holder('c', 1, 2), holder('d', 0, 1)],
    holder('a', 1),
    long + 1,
    0,
  ],
  ['and no other', [holder('b', 1, 1), holder('c', 1, 2), holder('d', 0, 1)], holder('e', 1, 2), long + 1, 1],
  ['not while somebody has more', [holder('b', 2, 1), holder('d', 0, 0)], holder('a', 1), long, 1],
  ['who needs none has none', [], holder('a', 3, 0, 0), 0, 0],
])('%s', (_, others, own, now, expected) => {
  expect(grantConnections(3, others, own, now)).toBe(expected);
});

/** Processes that ask in any order, some of which rest or die; connections close when they are told to. */
function play(limit: number, count: number, turns: readonly { who: number; wants: boolean; pass: number }[]) {
  const rows = new Map<number, SlotHolder>();
  const served = new Map<number, number>();
  let now = 0;
  let most = 0;
  for (const { who, wants, pass } of turns) {
    now += pass;
    const name = who % count;
    const before = rows.get(name);
    const own = before ?? { holder: String(name), connections: 0, wanted: 0, since: now };
    const others = [...rows.values()].filter((one) => one !== before);
    const connections = grantConnections(limit, others, { ...own, wanted: wants ? limit : 0 }, now);
    if (connections > 0) served.set(name, now);
    const since = own.connections > 0 !== connections > 0 ? now : own.since;
    if (wants) rows.set(name, { ...own, wanted: limit, connections, since });
    else rows.delete(name);
    most = Math.max(
      most,
      [...rows.values()].reduce((sum, row) => sum + row.connections, 0),
    );
  }
  return { most, served, now };
}

test('never more than the limit, whatever the order', () => {
  const turn = fc.record({ who: fc.nat(9), wants: fc.boolean(), pass: fc.nat(5_000) });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 8 }),
      fc.array(turn, { maxLength: 200 }),
      (limit, count, turns) => {
        expect(play(limit, count, turns).most).toBeLessThanOrEqual(limit);
      },
    ),
  );
});

test('nobody starves where more processes ask again and again than there are connections', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 8 }), (limit, count) => {
      const turns = Array.from({ length: 120 * count }, (_, n) => ({
        who: n,
        wants: true,
        pass: Math.ceil(1_000 / count),
      }));
      const { served, now } = play(limit, count, turns);
      for (let who = 0; who < count; who += 1)
        expect(now - (served.get(who) ?? -Infinity)).toBeLessThan(5 * slotPatienceMs * count);
    }),
  );
});
