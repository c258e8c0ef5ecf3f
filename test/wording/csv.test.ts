import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvLine } from '../../src/wording/csv.js';
import { asSpreadsheetText, fromSpreadsheetText } from '../../src/delivery/spreadsheet-text.js';

describe('a line of CSV', () => {
  test.each(['=1+1', '+1', '-1', '@sum(a1)', '\t=1', '\r=1', '\n=1', '＝1+1', '＋1', '－1', '＠sum(a1)', "'=1"])(
    '%j is no formula',
    (text) => {
      const [cells] = parse(csvLine([text]));
      expect(cells).toEqual([`'${text}`]);
    },
  );

  test('is read back as it was, but for apostrophes before formulas', () => {
    // eslint-disable-next-line no-control-regex -- those that are replaced
    const text = fc.string({ unit: 'grapheme' }).filter((one) => !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(one));
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 5 }), (cells) => {
        const [read = []] = parse(csvLine(cells), { skip_empty_lines: false });
        expect(read).toEqual(cells.map(asSpreadsheetText));
        expect(read.map(fromSpreadsheetText)).toEqual(cells);
      }),
    );
  });

  test.each([';', '\t'])('what follows %j is no cell of its own', (delimiter) => {
    const text = `a${delimiter}=1+1`;
    const [[first] = []] = parse(csvLine([text, 'b']), { delimiter, relax_quotes: true });
    expect(first).toContain(text);
  });

  test('numbers, truth and nothing stay what they are', () => {
    expect(csvLine([-1, true, null, ''])).toBe('-1,true,,\r\n');
  });

  test('controls that would act on a terminal are replaced', () => {
    expect(csvLine(['a\x1b[2Jb'])).toBe('a?[2Jb\r\n');
  });
});
