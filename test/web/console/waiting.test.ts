import type { Sealpost } from '../../../src/client/index.js';
import { nextPage } from '../../../src/web/console/pages/ledger-pager.js';
import { paceWords } from '../../../src/web/console/pages/message-counts.js';
import { WaitingDecisions } from '../../../src/web/console/waiting.js';

/** Deliveries that await a decision, by who may confirm them. */
function waitingFor(mayConfirm: Record<string, string[] | undefined>, fails = false) {
  let asked = 0;
  const sealpost = {
    list: () => {
      asked += 1;
      return fails ? Promise.reject(new Error('away')) : Promise.resolve(Object.keys(mayConfirm).map((id) => ({ id })));
    },
    delivery: (id: string) => ({
      standing: () => Promise.resolve(mayConfirm[id] ? { pendingDecision: { mayConfirm: mayConfirm[id] } } : {}),
    }),
  };
  return { waiting: new WaitingDecisions(sealpost as unknown as Sealpost), asked: () => asked };
}

test('each is told how many wait for them, and all are looked up at once', async () => {
  const { waiting, asked } = waitingFor({ a: ['anna', 'ben'], b: ['anna'], c: undefined });
  expect(await Promise.all(['anna', 'ben', 'cleo', '__proto__'].map((one) => waiting.of(one)))).toEqual([2, 1, 0, 0]);
  expect(asked()).toBe(1);
});

test('where they cannot be looked up, the page goes without', async () => {
  expect(await waitingFor({}, true).waiting.of('anna')).toBe(0);
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
