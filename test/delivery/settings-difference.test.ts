import fc from 'fast-check';
import { canonicalJson } from '../../src/delivery/canonical-json.js';
import { settingsDifference, type SettingChange } from '../../src/delivery/settings-difference.js';

test.each<[string, unknown, unknown, SettingChange[]]>([
  ['nothing', { a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 }, []],
  ['a value', { a: { b: 'x' } }, { a: { b: 'y' } }, [{ path: 'a.b', before: '"x"', after: '"y"' }]],
  ['one that is new', { a: {} }, { a: { b: true } }, [{ path: 'a.b', after: 'true' }]],
  ['one that is gone', { a: { b: true } }, {}, [{ path: 'a.b', before: 'true' }]],
  ['one that is undefined is not there', { a: undefined }, {}, []],
  ['a list is one setting', { a: ['x'] }, { a: ['x', 'y'] }, [{ path: 'a', before: '["x"]', after: '["x","y"]' }]],
  [
    'names that every object has',
    {},
    JSON.parse('{"headers":{"__proto__":"1","constructor":"2"}}'),
    [
      { path: 'headers.__proto__', after: '"1"' },
      { path: 'headers.constructor', after: '"2"' },
    ],
  ],
])('%s', (_, before, after, changes) => {
  expect(settingsDifference(before, after)).toEqual(changes);
});

test('settings differ exactly where their canonical forms do', () => {
  const leaf = fc.oneof(fc.constantFrom('x', 'y', ''), fc.boolean(), fc.integer(), fc.constant(null));
  const { settings } = fc.letrec((tie) => ({
    settings: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(leaf, fc.array(leaf), tie('settings')), {
      minKeys: 1,
      maxKeys: 3,
    }),
  }));
  fc.assert(
    fc.property(settings, settings, (before, after) => {
      expect(settingsDifference(before, after).length === 0).toBe(canonicalJson(before) === canonicalJson(after));
    }),
  );
});
