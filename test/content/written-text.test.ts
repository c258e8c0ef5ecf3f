import { writtenText } from '../../src/content/written-text.js';

const written = (template: string) => writtenText(template).split('\n').filter(Boolean);

test.each<[string, string[]]>([
  ['Grüße', ['Grüße']],
  ['a{{ name }}b', ['a', 'b']],
  ['{{ name | default: "Łucja" }}', ['Łucja']],
  ["{{ 'Łódź' }}", ['Łódź']],
  ['{% assign x = city | default: "Łódź" | append: "☃" %}', ['Łódź', '☃']],
  ['{% if city == "Łódź" %}a{% elsif city == "☃" %}b{% else %}c{% endif %}', ['a', 'b', 'c']],
  ['{% for x in list %}{{ x | default: "☃" }}{% else %}★{% endfor %}', ['☃', '★']],
  ['{% case city %}{% when "Łódź" %}a{% endcase %}{% unless a == "☃" %}b{% endunless %}', ['a', 'b']],
  ['{% comment %}☃{% endcomment %}{% # ☃ %}{% raw %}{{ ★ }}{% endraw %}', ['{{ ★ }}']],
  // What stands in for a character may be the cure.
  ['{{ name | replace: "Ł", "L" | remove: "☃" | split: "★" | join: "–" }}', ['L', '–']],
  ['{% liquid\nassign x = "☃"\nif x == "★"\nendif %}', ['☃']],
  ['{% if a %}☃{% break %}{% endif %}', ['☃']],
])('of %s it is %j', (template, texts) => {
  expect(written(template)).toEqual(texts);
});
