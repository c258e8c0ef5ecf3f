import { readersPage } from '../../src/web/mirror.js';

test('who gets text alone sees the text, and nothing in it is HTML', () => {
  const shown = readersPage({ subject: '<b>News</b>', text: '<script>alert(1)</script> & so on' });
  expect(shown).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; so on');
  expect(shown).toContain('<h1>&lt;b&gt;News&lt;/b&gt;</h1>');
  expect(shown).not.toMatch(/<script|<b>/);
});
