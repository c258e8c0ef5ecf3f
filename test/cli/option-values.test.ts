import * as fc from 'fast-check';
import { timeOption } from '../../src/cli/option-values.js';

const at = (iso: string): number => Date.parse(iso);

test.each([
  ['2026-11-24', '2026-11-24T00:00:00.000Z', '2026-11-24T23:59:59.999Z'],
  ['2028-02-29', '2028-02-29T00:00:00.000Z', '2028-02-29T23:59:59.999Z'],
  ['2026-11-24T22:10Z', '2026-11-24T22:10:00.000Z', '2026-11-24T22:10:00.000Z'],
  ['2026-11-24T22:10:05.5+01:00', '2026-11-24T21:10:05.500Z', '2026-11-24T21:10:05.500Z'],
])('%s is from %s to %s', (text, first, last) => {
  expect(timeOption(text)).toEqual({ first: at(first), last: at(last) });
});

test.each([
  '',
  'today',
  '24.11.2026',
  '2026-11',
  '2026-02-30',
  '2026-02-30T10:00Z',
  '2026-13-01',
  '2026-11-24T22:10',
  '2026-11-24T25:00Z',
])('"%s" is refused', (text) => {
  expect(() => timeOption(text)).toThrow('a day, such as 2026-11-24');
});

test('takes every instant as it is written', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }), (date) => {
      expect(timeOption(date.toISOString())).toEqual({ first: date.getTime(), last: date.getTime() });
    }),
  );
});
