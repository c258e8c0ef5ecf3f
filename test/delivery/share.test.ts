import { exceeds, shareSchema, sizeOf, sizeSchema } from '../../src/delivery/share.js';

test.each<[number | string, number, number]>([
  [7, 3, 7],
  ['10%', 1000, 100],
  ['10%', 1001, 101],
  ['0.01%', 1, 1],
  ['0.5%', 200, 1],
  ['2.25%', 10_000, 225],
  ['100%', 2 ** 31, 2 ** 31],
])('%s of %i messages are %i', (size, all, expected) => {
  expect(sizeOf(size, all)).toBe(expected);
});

test.each<[number, number, string, boolean]>([
  [2, 100, '2%', false],
  [3, 100, '2%', true],
  [0, 0, '0%', false],
  [0, 5, '0%', false],
  [1, 1_000_000, '0%', true],
  [1, 3, '33.33%', true],
  [1, 3, '33.34%', false],
])('%i of %i exceed %s: %p', (count, all, share, expected) => {
  expect(exceeds(count, all, share)).toBe(expected);
});

test.each(['', '2', '%', '-1%', '101%', '100.01%', '1.234%', '1,5%', '1 %', '1%\n'])('%j is no share', (text) => {
  expect(shareSchema('x').safeParse(text).success).toBe(false);
});

test.each([0, -1, 1.5, '0%', '0.00%', '5', null])('%j is no size', (given) => {
  expect(sizeSchema('x').safeParse(given).success).toBe(false);
});
