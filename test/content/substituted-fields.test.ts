import fc from 'fast-check';
import type { FieldValue } from '../../src/delivery/definition.js';
import { substitutedFields } from '../../src/content/substituted-fields.js';

const own = 'ann+news@bücher.example';
const substitute = 'qa@reviewers.example';

test.each<[string, FieldValue, FieldValue]>([
  ['as the whole value', own, substitute],
  ['in other cases', 'ANN+News@Bücher.Example', substitute],
  ['within a text', `Ann <${own}>, or ${own}.`, `Ann <${substitute}>, or ${substitute}.`],
  ['with its domain in A-labels', 'ann+news@xn--bcher-kva.example', substitute],
  [
    'as in a URL',
    'https://x.example/?a=ann%2Bnews%40b%C3%BCcher.example',
    `https://x.example/?a=qa%40reviewers.example`,
  ],
  ['decomposed', own.normalize('NFD'), substitute],
  ['in HTML', `<b>${own}</b>`, `<b>${substitute}</b>`],
  ['in a list of objects', [{ login: own, n: 1 }, own], [{ login: substitute, n: 1 }, substitute]],
  ["as a member's name", { [own]: { times: 2 } }, { [substitute]: { times: 2 } }],
  ['not at all', ['ann', 7, true, 'annXnews@bücher.example'], ['ann', 7, true, 'annXnews@bücher.example']],
])('an address that stands in a field %s', (_name, value, shown) => {
  expect(substitutedFields({ field: value }, own, substitute)).toEqual({ field: shown });
});

test('an address that is written in A-labels is found in its script, and in an encoder’s strict form', () => {
  const fields = { a: "o'hara@bücher.example", b: 'o%27hara%40xn--bcher-kva.example' };
  const shown = { a: substitute, b: encodeURIComponent(substitute) };
  expect(substitutedFields(fields, "o'hara@xn--bcher-kva.example", substitute)).toEqual(shown);
});

test('a profile without an address has nothing to replace', () => {
  expect(substitutedFields({ a: 'x' }, '', substitute)).toEqual({ a: 'x' });
});

test('whatever the fields hold, the address is in none of them', () => {
  const { field } = fc.letrec<{ field: FieldValue }>((tie) => ({
    field: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.array(tie('field'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'constructor'), tie('field'), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(fc.emailAddress(), field, fc.string(), fc.string(), (real, value, before, after) => {
      const text = `${before}${real}${after}`;
      const fields = { value, text, deep: [{ [real]: 1, inner: [real, real.toUpperCase(), text] }] };
      const shown = substitutedFields(fields, real, substitute);
      expect(JSON.stringify(shown).toLowerCase()).not.toContain(JSON.stringify(real).slice(1, -1).toLowerCase());
      expect(shown['value']).toEqual(value);
    }),
  );
});
