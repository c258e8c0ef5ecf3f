import { largerParts, oversizedParts } from '../../src/delivery/large-parts.js';

const html = { carrier: 'docomo', part: 'html', bytes: 10_000, row: 2 } as const;
const text = { ...html, part: 'text' } as const;

test.each([
  ['docomo', { html: 10_000, text: 9_999 }, [html]],
  ['docomo', { html: 0, text: 10_000 }, [text]],
  ['docomo', { html: 10_000, text: 10_000 }, [html, text]],
  ['au', { html: 10_000, text: 0 }, [{ ...html, carrier: 'au' }]],
  ['softbank', { html: 1_000_000, text: 1_000_000 }, []],
] as const)('%s takes parts strictly under its limit: %j', (carrier, bytes, found) => {
  expect(oversizedParts(2, { carrier, bytes })).toEqual(found);
});

test('of two finds the larger stays, for each operator and part, and the first of the same size', () => {
  const clipped = { bytes: 200_000, row: 9 };
  const larger = { ...html, bytes: 10_001, row: 3 };
  const same = { ...text, row: 4 };
  const au = { ...html, carrier: 'au', row: 5 } as const;
  expect(largerParts({}, {})).toEqual({});
  expect(largerParts({ clipped }, {})).toEqual({ clipped });
  expect(largerParts({}, { oversized: [html] })).toEqual({ oversized: [html] });
  expect(largerParts({ oversized: [html, text] }, { clipped, oversized: [larger, same, au] })).toEqual({
    clipped,
    oversized: [larger, text, au],
  });
  expect(largerParts({ clipped, oversized: [larger] }, { clipped: { bytes: 1, row: 1 }, oversized: [html] })).toEqual({
    clipped,
    oversized: [larger],
  });
});
