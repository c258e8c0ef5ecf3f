import { contentView, htmlLinks, textLinks } from '../../src/content/links.js';
import { contentRules } from '../../src/delivery/content-rules.js';
import { applyRules } from '../../src/delivery/control-rule.js';

const rulesOf = (html: string, text = '', subject = 'S') =>
  applyRules(contentRules, { content: contentView(subject, { html, text, sources: {} }) }).map((f) => f.rule);

test('links of HTML stand in order with line and label', () => {
  const html = `<a href="https://a.example/?x=1&amp;y={{ y }}">A <b>b</b></a>\n<a data-label="B" href="{{ u }}"><img alt=""></a>`;
  expect(htmlLinks(html).links).toMatchObject([
    { line: 1, url: 'https://a.example/?x=1&y={{ y }}', label: 'A b', variable: false },
    { line: 2, url: '{{ u }}', label: 'B', variable: true },
  ]);
});

test('links of text end before the sentence does', () => {
  expect(textLinks('See (https://a.example/b).\n{{ name }} {{ unsubscribe_url }}')).toMatchObject([
    { line: 1, url: 'https://a.example/b' },
    { line: 2, url: '{{ unsubscribe_url }}', variable: true },
  ]);
});

test.each<[string, string[]]>([
  ['https://a.example/?x=1&y=2', []],
  ['https://a.example/{{ path | url_encode }}', []],
  ['{{ unsubscribe_url }}', []],
  ['mailto:a@b.example', []],
  ['#top', []],
  ['java&#10;script:alert(1)', ['link-scheme', 'link-stray-characters']],
  ['file:///etc/passwd', ['link-scheme']],
  ['ftp://a.example/x', ['link-scheme']],
  ['www.a.example', ['link-malformed']],
  ['https://', ['link-malformed']],
  ['https:a.example', ['link-malformed']],
  ['https://a.example/b c', ['link-stray-characters']],
  ['https://a.example/b&c=1', ['link-stray-characters']],
  ['https://a.example/?a=1&amp;amp;b=2', ['link-stray-characters']],
])('%s', (href, rules) => {
  expect(rulesOf(`<a href="${href}">x</a>`)).toEqual(rules);
});

test('labels, images and sizes', () => {
  expect(rulesOf('<a href="https://a.example/"></a>')).toEqual(['link-without-label']);
  expect(rulesOf('<img src="x.png"><img src="y.png" alt="">')).toEqual(['image-without-alt']);
  expect(rulesOf('x'.repeat(102 * 1024))).toEqual([]);
  expect(rulesOf('x'.repeat(102 * 1024 + 1))).toEqual(['html-clipped']);
  expect(rulesOf('', '', 'x'.repeat(100) + '{{ name }}')).toEqual([]);
  expect(rulesOf('', '', 'x'.repeat(101))).toEqual(['subject-long']);
});
