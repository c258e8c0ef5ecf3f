import { compileContent } from '../../src/content/compile-content.js';
import { htmlLinks, textLinks } from '../../src/content/links.js';

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

test('links are read once, however they are written', () => {
  // Expressions that begin anew at each place would take hours.
  const dots = '.'.repeat(1_000_000);
  expect(textLinks(`http://a.example/${dots}x${dots}`)).toMatchObject([{ url: `http://a.example/${dots}x` }]);
  const words = '&amp;'.repeat(300_000);
  expect(htmlLinks(`<a href="x">${words}`).links[0]?.label?.replaceAll(' ', '')).toBe('&'.repeat(300_000));
});

const networks =
  'facebook twitter x google pinterest linkedin instagram web snapchat youtube tumblr github xing vimeo medium soundcloud dribbble'.split(
    ' ',
  );

test.each<[string, string, string, number]>([
  [
    'accordion',
    '',
    '<mj-accordion{}><mj-accordion-element><mj-accordion-title>A</mj-accordion-title></mj-accordion-element></mj-accordion>',
    2,
  ],
  [
    'carousel',
    '',
    '<mj-carousel{}><mj-carousel-image src="https://a.example/1.png" /><mj-carousel-image src="https://a.example/2.png" /></mj-carousel>',
    2,
  ],
  [
    'accordion with icons',
    ' icon-wrapped-url="https://a.example/1.png" icon-unwrapped-url="https://a.example/2.png"',
    '<mj-accordion{}><mj-accordion-element><mj-accordion-title>A</mj-accordion-title></mj-accordion-element></mj-accordion>',
    0,
  ],
  [
    'carousel with icons',
    ' left-icon="https://a.example/3.png" right-icon="https://a.example/4.png"',
    '<mj-carousel{}><mj-carousel-image src="https://a.example/1.png" /></mj-carousel>',
    0,
  ],
  [
    'social',
    '',
    `<mj-social>${networks.map((name) => `<mj-social-element name="${name}" />`).join('')}</mj-social>`,
    networks.length,
  ],
  ['social with icons', '', '<mj-social><mj-social-element name="x" src="https://a.example/x.png" /></mj-social>', 0],
])('images that MJML brings are told: %s', async (_, icons, element, count) => {
  const text = `<mjml><mj-body><mj-section><mj-column>${element.replace('{}', icons)}</mj-column></mj-section></mj-body></mjml>`;
  const compiled = await compileContent({ mjml: { name: 'content.mjml', text } });
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  const { html = '' } = compiled.content;
  const defaults = new Set(htmlLinks(html).defaultImages);
  expect(defaults.size).toBe(count);
  // Whatever MJML comes to bring: no image of others is left untold.
  const images = [...html.matchAll(/<img[^>]*? src="([^"]*)"/g)].map((match) => match[1] ?? '');
  expect(images.filter((source) => !source.startsWith('https://a.example/') && !defaults.has(source))).toEqual([]);
});
