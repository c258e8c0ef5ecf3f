import { holdCanary } from '../../src/delivery/canary.js';

const rule = { size: 500, wait: '2h' };

test.each([
  [{ failed: '2%' }, { sent: 490, failed: 10 }],
  [{ failed: '2%' }, { sent: 100, 'in-doubt': 100, retrying: 300 }],
  [{ inDoubt: '0%' }, { sent: 1, failed: 499 }],
  [{ failed: '0%', retrying: '0%', inDoubt: '0%' }, {}],
])('within %j, %j lets the others follow', (limits, counts) => {
  expect(holdCanary({ ...rule, limits }, counts)).toBeUndefined();
});

test.each([
  [
    { failed: '2%' },
    { sent: 488, failed: 12 },
    'the canary is over its limits: 12 of 500 messages failed, and sending.canary.limits.failed allows 2%',
  ],
  [
    { failed: '50%', retrying: '10%', inDoubt: '1%' },
    { sent: 1_000, retrying: 1_000, 'in-doubt': 400 },
    'the canary is over its limits: 1,000 of 2,400 messages were refused for now, and sending.canary.limits.retrying allows 10%; 400 of 2,400 messages are in doubt, and sending.canary.limits.inDoubt allows 1%',
  ],
])('over %j, %j is held, in numbers', (limits, counts, why) => {
  expect(holdCanary({ ...rule, limits }, counts)).toBe(why);
});

test("by-operator waits for a person's word, whatever became of it", () => {
  expect(holdCanary({ ...rule, goOn: 'by-operator' }, { sent: 3 })).toBe(
    "the canary of 3 messages waits for an operator's word: 3 were sent, 0 failed, 0 were refused for now, 0 are in doubt",
  );
});
