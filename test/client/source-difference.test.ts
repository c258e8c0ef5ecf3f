import fc from 'fast-check';
import { sourceDifferences, type DiffLine } from '../../src/client/source-difference.js';

const text = ({ sign, parts }: DiffLine) => sign + parts.map((part) => part.text).join('');
const marked = ({ parts }: DiffLine) => parts.filter((part) => part.marked).map((part) => part.text);
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}\n`).join('');

test('files that are the same are not told', () => {
  expect(sourceDifferences({ 'a.html': 'x' }, { 'a.html': 'x' })).toEqual([]);
});

test('a changed line stands between those around it, its words marked', () => {
  const before = `${numbered(9)}Roses cost 12 euros.\n${numbered(9)}`;
  const [difference] = sourceDifferences({ 'a.html': before }, { 'a.html': before.replace('12', '15') });
  const [hunk] = difference?.hunks ?? [];
  expect(difference).toMatchObject({ file: 'a.html', change: 'changed', cut: false });
  expect([hunk?.beforeLine, hunk?.afterLine, hunk?.lines.length]).toEqual([7, 7, 8]);
  expect(hunk?.lines.slice(2, 6).map(text)).toEqual([
    ' line 8',
    '-Roses cost 12 euros.',
    '+Roses cost 15 euros.',
    ' line 0',
  ]);
  expect(hunk?.lines.slice(3, 5).map(marked)).toEqual([['12'], ['15']]);
});

test('files that came and went', () => {
  expect(sourceDifferences({ 'old.txt': 'a\n' }, { 'new.txt': 'b\n', ['__proto__']: 'c\n' })).toMatchObject([
    { file: '__proto__', change: 'added' },
    { file: 'new.txt', change: 'added', hunks: [{ lines: [{ sign: '+', parts: [{ text: 'b' }] }] }] },
    { file: 'old.txt', change: 'removed', hunks: [{ lines: [{ sign: '-', parts: [{ text: 'a' }] }] }] },
  ]);
});

test('a change in a very long line is shown with what is beside it', () => {
  const before = `${'x '.repeat(4_000)}12${' y'.repeat(4_000)}`;
  const [difference] = sourceDifferences({ a: before }, { a: before.replace('12', '15') });
  const lines = difference?.hunks[0]?.lines ?? [];
  expect(lines.map(marked)).toEqual([['12'], ['15']]);
  expect(Math.max(...lines.map((line) => text(line).length))).toBeLessThan(1_000);
});

test.each([
  ['huge files that share nothing', 'a\n'.repeat(200_000), 'b\n'.repeat(200_000)],
  ['one line of a megabyte', 'a '.repeat(500_000), 'b '.repeat(500_000)],
  ['changes far apart', numbered(4_000), numbered(4_000).replaceAll(/(\d0)\n/g, '$1!\n')],
  ['many changes', numbered(2_000), numbered(2_000).replaceAll(/(\d*[13579])\n/g, '$1!\n')],
])('%s: what is told stays small', (_, before, after) => {
  const told = sourceDifferences({ a: before }, { a: after });
  expect(JSON.stringify(told).length).toBeLessThan(100_000);
  expect(told[0]?.cut || told[0]?.hunks.length === 1).toBe(true);
  expect(told[0]?.hunks.flatMap(({ lines }) => lines).length).toBeLessThanOrEqual(400);
});

test('what is not marked is what both versions have', () => {
  const line = fc
    .array(fc.constantFrom('a', 'b', ' ', '<p>', '&', '\u{1f331}'), { maxLength: 12 })
    .map((all) => all.join(''));
  fc.assert(
    fc.property(line, line, (before, after) => {
      const [difference] = sourceDifferences({ a: before }, { a: after });
      const lines = difference?.hunks.flatMap((hunk) => hunk.lines) ?? [];
      const [old, now] = [lines.filter(({ sign }) => sign !== '+'), lines.filter(({ sign }) => sign !== '-')];
      if (before !== after) {
        expect(old.map((one) => text(one).slice(1)).join('\n')).toBe(before);
        expect(now.map((one) => text(one).slice(1)).join('\n')).toBe(after);
      }
    }),
  );
});
