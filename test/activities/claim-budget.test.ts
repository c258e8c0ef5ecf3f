import fc from 'fast-check';
import { ClaimBudget } from '../../activities/claim-budget.js';
import { priorities, type Priority } from '../../src/delivery/priority.js';

test('of equal priority, whoever comes first has all of the room', () => {
  const budget = new ClaimBudget(60);
  budget.begin('normal');
  budget.begin('normal');
  expect(budget.reserve(0, 'normal')).toBe(60);
  expect(budget.reserve(0, 'normal')).toBe(0);
  expect(budget.reserve(20, 'normal')).toBe(20);
});

test('while a higher priority has messages left, the others have a quarter', () => {
  const budget = new ClaimBudget(60);
  budget.begin('low');
  expect(budget.reserve(0, 'low')).toBe(60);
  budget.begin('high');
  expect(budget.reserve(0, 'high')).toBe(0);
  budget.release(30, 'low');
  expect(budget.reserve(20, 'low')).toBe(5);
  expect(budget.reserve(0, 'high')).toBe(25);
  budget.end('high');
  budget.release(20, 'low');
  expect(budget.reserve(0, 'low')).toBe(20);
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
          budget.begin(one);
          set(claiming, one, 1);
        } else if (act === 'end' && (claiming.get(one) ?? 0) > 0) {
          budget.end(one);
          set(claiming, one, -1);
        } else if (act === 'reserve') {
          set(held, one, budget.reserve(settled, one) - settled);
          budget.release(settled, one);
        } else if (act === 'settle') {
          budget.release(settled, one);
          set(held, one, -settled);
        }
        expect([...held.values()].reduce((total, n) => total + n, 0)).toBeLessThanOrEqual(60);
      }
      for (const one of priorities) {
        for (let n = claiming.get(one) ?? 0; n > 0; n -= 1) budget.end(one);
        budget.release(held.get(one) ?? 0, one);
      }
      expect(budget.reserve(0, 'low')).toBe(60);
    }),
  );
});
