import * as fc from 'fast-check';
import { blankLiquid, maskLiquid } from '../../src/content/masked-liquid.js';

const piece = fc.constantFrom('{{ a }}', '{{ "}}" }}', '{% if b\n%}', '{%- endif -%}', '{% raw %}{{ c }}{% endraw %}');
const markup = fc.constantFrom('<p>', ' text ', '\n', '"', 'LqMarkO0E', 'LqMarkX', 'lqmarkt0e', '{ ', '}}');
const template = fc.array(fc.oneof(piece, markup), { maxLength: 12 }).map((parts) => parts.join(''));

test('what is masked holds no Liquid and comes back whole', () => {
  fc.assert(
    fc.property(template, (text) => {
      const { masked, unmask } = maskLiquid(text);
      expect(masked).not.toMatch(/\{\{ a|"\}\}" \}\}|\{%/);
      expect(unmask(masked)).toBe(text);
      expect(unmask(masked.toLowerCase()).toLowerCase()).toBe(text.toLowerCase());
    }),
  );
});

test('a template that holds a long mark is looked through once', () => {
  const template = `lqmark${'x'.repeat(500_000)} {{ v }}LqMarkXX`;
  const { masked, unmask } = maskLiquid(template);
  expect(masked).toBe(template.replace('{{ v }}', 'LqMarkO0E'));
  expect(unmask(masked)).toBe(template);
});

test('blank Liquid leaves every other character in its place', () => {
  fc.assert(
    fc.property(template, (text) => {
      const blank = blankLiquid(text);
      expect(blank).toHaveLength(text.length);
      for (const [at, character] of blank.split('').entries()) if (character !== 'x') expect(character).toBe(text[at]);
    }),
  );
});

test('lines of the masked text lead back to the template', () => {
  const text = 'one {{ a\n|\nupcase }}\n  two\n{% if b\n%} three';
  const { masked, placeOfLine } = maskLiquid(text);
  expect(masked.split('\n')).toHaveLength(3);
  expect([1, 2, 3].map(placeOfLine)).toEqual([0, text.indexOf('two'), text.indexOf('{% if')]);
});

test('lost Liquid is told with its place', () => {
  const { masked, lostIn } = maskLiquid('{{ a }} and {{ b }}');
  expect(lostIn(masked)).toEqual([]);
  expect(lostIn(masked.slice(masked.indexOf('and')))).toEqual([{ liquid: '{{ a }}', offset: 0 }]);
});
