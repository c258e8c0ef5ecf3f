import fc from 'fast-check';
import { columnsOf, cut, fieldLines, jsonText, oneLine, plural, tableLines } from '../../src/wording/terminal-text.js';

// eslint-disable-next-line no-control-regex -- what must not reach a terminal
const acting = /[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const hostile = fc.string({
  unit: fc.oneof(fc.constantFrom('\x1b', '\x9b', '\x07', '\r', '\n', '\t', '\u202e', '\u2067', '\0'), fc.string()),
});

describe('text of strangers on a terminal', () => {
  test('no line holds a character that acts on the terminal', () => {
    fc.assert(fc.property(hostile, (text) => !acting.test(oneLine(text))));
  });

  test('line breaks and tabs are blanks, other controls are question marks', () => {
    expect(oneLine('a\r\nb\tc\x1b[31md')).toBe('a b c?[31md');
  });

  test('JSON holds none either and still says the same', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = jsonText({ text });
        return !acting.test(line) && (JSON.parse(line) as { text: string }).text === text;
      }),
    );
  });
});

describe('columns', () => {
  test.each([
    ['abc', 3],
    ['Änne', 4],
    ['花子', 4],
    ['e\u0301', 1],
  ])('%s takes %d', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  test('a cut text fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, columns) => {
        return columnsOf(cut(text, columns)) <= columns;
      }),
    );
  });

  test('a text that fits is not cut', () => {
    expect(cut('abcd', 4)).toBe('abcd');
    expect(cut('abcde', 4)).toBe('abc…');
  });
});

describe('tables', () => {
  test('columns are aligned by what a terminal shows', () => {
    const lines = tableLines(
      [{ title: 'name' }, { title: 'count', align: 'right' }],
      [
        ['花子', 5],
        ['Al', 1_000],
      ],
    );
    expect(lines).toEqual(['name  count', '花子      5', 'Al     1000']);
  });

  test('a cell is one line and no longer than its column', () => {
    const [, row] = tableLines([{ title: 'reply', width: 8 }], [['250\nstored as x']]);
    expect(row).toBe('250 sto…');
  });

  test('fields have their values below one another', () => {
    expect(
      fieldLines([
        ['a', 1],
        ['long', 'x'],
      ]),
    ).toEqual(['a     1', 'long  x']);
  });

  test('one message, two messages', () => {
    expect([plural(1, 'message'), plural(1_240, 'message')]).toEqual(['1 message', '1,240 messages']);
  });
});
