import type { DeliveryStanding, Sealpost } from '../../../src/client/index.js';
import { nextPage } from '../../../src/web/console/pages/ledger-pager.js';
import { paceWords } from '../../../src/web/console/pages/message-counts.js';
import { WaitingDeliveries } from '../../../src/web/console/waiting.js';

type Standing = Pick<DeliveryStanding, 'phase'> & Partial<DeliveryStanding>;

const approvalRules = [{ owner: 'owner' }] as unknown as DeliveryStanding['approvalRules'];
const toDecide = (...mayConfirm: string[]): Standing => ({
  phase: 'awaiting-decision',
  pendingDecision: { mayConfirm } as unknown as NonNullable<DeliveryStanding['pendingDecision']>,
});
const paused = (own: Partial<DeliveryStanding> = {}): Standing => ({
  phase: 'paused',
  author: 'author',
  approvalRules,
  ...own,
});

function waitingFor(deliveries: Record<string, Standing>, fails = false) {
  let asked = 0;
  const sealpost = {
    list: ({ phases }: { phases: string[] }) => {
      asked += 1;
      const found = Object.entries(deliveries).filter(([, { phase }]) => phases.includes(phase));
      return fails ? Promise.reject(new Error('away')) : Promise.resolve(found.map(([id]) => ({ id })));
    },
    delivery: (id: string) => ({ standing: () => Promise.resolve(deliveries[id]) }),
  };
  return { waiting: new WaitingDeliveries(sealpost as unknown as Sealpost), asked: () => asked };
}

test('a decision waits for whose confirmation would count, what has paused by itself for author and owner; all are looked up at once', async () => {
  const { waiting, asked } = waitingFor({
    a: toDecide('anna', 'owner'),
    b: toDecide('anna'),
    c: { phase: 'awaiting-decision' },
    d: paused({ heldFor: 'too much has gone wrong' }),
    e: paused({ heldFor: 'the canary', author: 'owner' }),
    // By somebody's own command.
    f: paused(),
  });
  const people = ['anna', 'owner', 'author', 'cleo', '__proto__'];
  expect(await Promise.all(people.map((one) => waiting.of(one)))).toEqual([
    { decisions: 2, held: 0 },
    { decisions: 1, held: 2 },
    { decisions: 0, held: 1 },
    { decisions: 0, held: 0 },
    { decisions: 0, held: 0 },
  ]);
  expect(asked()).toBe(2);
});

test('where they cannot be looked up, the page goes without', async () => {
  expect(await waitingFor({}, true).waiting.of('anna')).toEqual({ decisions: 0, held: 0 });
});

const at = (after: number) => `/x?after=${after}`;

test.each<[string, Parameters<typeof nextPage>[0], RegExp | undefined]>([
  ['its last page leads nowhere', { rows: [], unfinished: false, last: 9 } as never, undefined],
  [
    'a whole page leads to the next',
    { rows: [{}], next: 5, unfinished: false, last: 9 } as never,
    /^(?!.*data-look-on).*after=5.*More/s,
  ],
  [
    'one that was looked through in part is gone on with',
    { rows: [{}], next: 5, unfinished: true, last: 9_000 } as never,
    /^(?!.*data-look-on).*5 of 9,000.*Look on/s,
  ],
  [
    'and by itself where nothing was found yet',
    { rows: [], next: 5, unfinished: true, last: 9_000 } as never,
    /data-look-on.*Look on/s,
  ],
])('of a ledger %s', (_what, found, says) => {
  const shown = nextPage(found, at)?.text;
  if (says === undefined) expect(shown).toBeUndefined();
  else expect(shown).toMatch(says);
});

const pace = { id: 'd', counts: {}, total: 1_000, settled: 999, ended: false, samples: [] };

test.each([
  ['sending', undefined, '99 % of 1,000 messages done.'],
  ['sending', { rate: 0.25 }, '99 % of 1,000 messages done, 0.3 a second.'],
  ['sending', { rate: 12_345.6, secondsLeft: 90 }, '99 % of 1,000 messages done, 12,346 a second, about 2 min left.'],
  ['paused', { rate: 5, secondsLeft: 90 }, '99 % of 1,000 messages done.'],
] as const)('while it is %s, with %j: %s', (phase, estimate, words) => {
  expect(paceWords({ ...pace, phase, ...(estimate && { estimate }) })).toBe(words);
});
