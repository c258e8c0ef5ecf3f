import fc from 'fast-check';
import { ClaimBudget } from '../../activities/claim-budget.js';
import { priorities, type Priority } from '../../src/delivery/priority.js';

test('of equal priority, whoever comes first has all of the room', () => {
  const budget = new ClaimBudget(60);
  budget.of('normal').begin();
  budget.of('normal').begin();
  expect(budget.of('normal').reserve(0)).toBe(60);
  expect(budget.of('normal').reserve(0)).toBe(0);
  expect(budget.of('normal').reserve(20)).toBe(20);
});

test('while a higher priority has messages left, the others have a quarter', () => {
  const budget = new ClaimBudget(60);
  budget.of('low').begin();
  expect(budget.of('low').reserve(0)).toBe(60);
  budget.of('high').begin();
  expect(budget.of('high').reserve(0)).toBe(0);
  budget.of('low').release(30);
  expect(budget.of('low').reserve(20)).toBe(5);
  expect(budget.of('high').reserve(0)).toBe(25);
  budget.of('high').end();
  budget.of('low').release(20);
  expect(budget.of('low').reserve(0)).toBe(20);
});

test('no more is ever claimed than there is room for, whoever asks in whatever order', () => {
  const priority = fc.constantFrom(...priorities);
  const step = fc.record({ priority, act: fc.constantFrom('begin', 'end', 'reserve', 'settle'), count: fc.nat(30) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const budget = new ClaimBudget(60);
      const held = new Map<Priority, number>(priorities.map((one) => [one, 0]));
      const claiming = new Map<Priority, number>(priorities.map((one) => [one, 0]));
      const set = (of: Map<Priority, number>, one: Priority, add: number) => of.set(one, (of.get(one) ?? 0) + add);
      for (const { priority: one, act, count } of steps) {
        const settled = Math.min(count, held.get(one) ?? 0);
        if (act === 'begin') {
          budget.of(one).begin();
          set(claiming, one, 1);
        } else if (act === 'end' && (claiming.get(one) ?? 0) > 0) {
          budget.of(one).end();
          set(claiming, one, -1);
        } else if (act === 'reserve') {
          set(held, one, budget.of(one).reserve(settled) - settled);
          budget.of(one).release(settled);
        } else if (act === 'settle') {
          budget.of(one).release(settled);
          set(held, one, -settled);
        }
        expect([...held.values()].reduce((total, n) => total + n, 0)).toBeLessThanOrEqual(60);
      }
      for (const one of priorities) {
        for (let n = claiming.get(one) ?? 0; n > 0; n -= 1) budget.of(one).end();
        budget.of(one).release(held.get(one) ?? 0);
      }
      expect(budget.of('low').reserve(0)).toBe(60);
    }),
  );
});
