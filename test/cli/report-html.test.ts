import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { reportHtml } from '../../src/cli/report-html.js';
import type { DeliveryReport } from '../../src/client/index.js';
import { anyReport, anySample } from './any-report.js';

const madeAt = '2026-11-24T22:10:33.000Z';

interface Seen {
  tags: Map<string, number>;
  frames: string[];
  links: string[];
  faults: string[];
}

/** What a browser would find in the page itself; what is in a frame's `srcdoc` is an attribute's value here. */
function look(html: string): Seen {
  const seen: Seen = { tags: new Map(), frames: [], links: [], faults: [] };
  const allowed = new Set(
    'html head meta title style body header h1 h2 h3 p nav ul li a main section dl div dt dd small strong span code table thead tbody tr th td pre del ins mark article iframe details summary'.split(
      ' ',
    ),
  );
  const parser = new Parser({
    onopentag(name, attributes) {
      seen.tags.set(name, (seen.tags.get(name) ?? 0) + 1);
      if (!allowed.has(name)) seen.faults.push(`<${name}>`);
      for (const [attribute, value] of Object.entries(attributes)) {
        if (attribute.startsWith('on') || attribute === 'src' || attribute === 'style')
          seen.faults.push(`${name} ${attribute}`);
        if (attribute === 'href') seen.links.push(value);
        if (attribute === 'srcdoc') {
          seen.frames.push(value);
          if (attributes['sandbox'] !== '') seen.faults.push('a frame without its sandbox');
        }
      }
    },
  });
  parser.end(html);
  return seen;
}

/** Text that tries to be something else, in each place that a profile or a content reaches. */
function hostile(evil: string): DeliveryReport {
  const base = anyReport();
  return anyReport({
    id: evil,
    name: evil,
    author: evil,
    findings: [{ rule: evil, level: 'error', sentence: evil, place: evil }],
    analysis: {
      ...(base.analysis ?? { differing: [], sameLanguageData: true }),
      domains: { top: [{ domain: evil, messages: 1 }], rest: { domains: 0, messages: 0 } },
      languages: [{ language: evil, messages: 1 }],
      samples: [
        anySample({
          drawnAs: [evil],
          subject: evil,
          text: evil,
          html: evil,
          to: evil,
          from: { name: evil, address: evil },
          replyTo: { address: evil },
        }),
      ],
    },
    difference: {
      against: evil,
      author: evil,
      createdAt: madeAt,
      settings: [{ path: evil, before: evil, after: evil }],
      sources: [
        {
          file: evil,
          change: 'changed',
          cut: true,
          hunks: [
            {
              beforeLine: 1,
              afterLine: 1,
              lines: [
                {
                  sign: '+',
                  parts: [
                    { text: evil, marked: true },
                    { text: evil, marked: false },
                  ],
                },
              ],
            },
          ],
        },
      ],
      target: {
        gained: { count: 1, first: [{ row: 1, address: evil }] },
        lost: { count: 0, first: [] },
        changed: { count: 0, first: [] },
      },
      files: [{ name: evil, change: 'added', bytes: 1 }],
    },
  });
}

const pieces = [
  '<script>alert(1)</script>',
  '"',
  "'",
  '<',
  '>',
  '&',
  '&quot;',
  '&#34;',
  '&lt;',
  '-->',
  '<!--',
  ']]>',
  '</style>',
  '</iframe>',
  '</textarea>',
  '</title>',
  '<img src=http://evil.example/x onerror=alert(1)>',
  ' onload=alert(1) ',
  '" srcdoc="',
  '<link rel=preconnect href=//evil.example>',
  '<meta http-equiv=refresh content="0;url=http://evil">',
  '<base href=//evil.example>',
  '<li\0nk rel=preconnect href=//evil>',
  '\0',
  '\ud800',
  '\u202e',
  '\r\n',
  '\u{1f331}',
];
const evils = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 5 })), { maxLength: 8 })
  .map((all) => all.join(''));

test('nothing of a profile or a content gets out of its place', () => {
  const harmless = look(reportHtml(hostile('x'), madeAt));
  expect(harmless.faults).toEqual([]);
  fc.assert(
    fc.property(evils, (evil) => {
      const seen = look(reportHtml(hostile(evil), madeAt));
      expect(seen).toMatchObject({ tags: harmless.tags, links: harmless.links, faults: [] });
      expect(seen.links.every((link) => link.startsWith('#'))).toBe(true);
      // Frames parse what comes out of the attribute: nothing there connects before a policy is asked.
      expect(seen.frames).toHaveLength(1);
      expect(seen.frames[0]?.replace('<base target="_blank">', '')).not.toMatch(/<(?:link|meta|base)[\s/>]/i);
    }),
    { numRuns: 500 },
  );
});

test('a policy forbids whatever is loaded or run, in the page and in its frames, before anything else stands there', () => {
  const html = reportHtml(anyReport(), madeAt);
  const policy = html.indexOf('http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; ');
  expect(policy).toBeGreaterThan(0);
  expect(policy).toBeLessThan(html.indexOf('<title>'));
  expect(html).toMatch(/img-src data:;/);
  expect(html).not.toMatch(/script-src|https?:/);
  expect(html).toContain('<iframe sandbox="" title="HTML of the message: Shortest, random"');
});

test('each part is there, with what belongs in it', () => {
  const html = reportHtml(anyReport(), madeAt)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
  for (const part of [
    `The seal ${anyReport().seal} covers 988 messages. It needs 1 confirmation from: approver.`,
    'sealpost confirm news --operator approver',
    'warning html The HTML has 120 KB: shorten it. html-large info recipients',
    '988 recipients of 1,000 get a message; left out: 12. left out because recipients the same address came before 12',
    'shop.example 900 1 other domain 88',
    'A sample: 200 of 988 messages',
    'HTML part 1.0 KB 2.0 KB 146.5 KB',
    '102 KB of the HTML and hides the rest, with the unsubscription link: 3 of these are longer.',
    'subject &#34;a&#34; &#34;b&#34;',
    'new 1 z…@shop.example (row 9)',
    'Terms.pdf added 2.0 KB',
    '@@ -1 +1 @@ + new',
    'Images from the web are not loaded',
    'Dear Ann',
  ]) {
    expect(html).toContain(part);
  }
});

test('a report of the largest pieces stays under a megabyte', () => {
  const heavy = '"&\u{1f331}'.repeat(50_000);
  const base = anyReport();
  const line = { sign: '+' as const, parts: [{ text: heavy.slice(0, 300), marked: true }] };
  const html = reportHtml(
    anyReport({
      findings: Array.from({ length: 2_000 }, () => ({
        rule: 'r',
        level: 'error' as const,
        sentence: heavy.slice(0, 900),
        place: 'html',
      })),
      analysis: {
        ...(base.analysis ?? {
          differing: [],
          sameLanguageData: true,
          domains: { top: [], rest: { domains: 0, messages: 0 } },
        }),
        samples: Array.from({ length: 10 }, () => anySample({ html: heavy, text: heavy.slice(0, 20_000) })),
      },
      difference: {
        ...(base.difference ?? hostile('x').difference),
        settings: Array.from({ length: 500 }, () => ({ path: 'headers.X', before: heavy, after: heavy })),
        sources: Array.from({ length: 10 }, (_, i) => ({
          file: `${i}`,
          change: 'changed' as const,
          cut: false,
          hunks: [{ beforeLine: 1, afterLine: 1, lines: Array.from({ length: 400 }, () => line) }],
        })),
      } as NonNullable<DeliveryReport['difference']>,
    }),
    madeAt,
  );
  expect(Buffer.byteLength(html)).toBeLessThan(1_000_000);
  expect(look(html).faults).toEqual([]);
  expect(html).toContain('The end of the HTML is not shown');
  expect(html).toContain('and 1');
});
