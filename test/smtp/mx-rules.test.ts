import fc from 'fast-check';
import { ruleFor } from '../../src/smtp/rules/mx-rules.js';
import { shippedRules } from '../../src/smtp/rules/shipped-rules.js';
import { loadMxRules, MxRulesError, parseMxRules } from '../../src/client/mx-rules-file.js';

const table = `
period: 2s
rules:
  - name: exact
    domains: [shop.example, MÜLLER.example]
    messagesPerHour: 600
  - name: below
    domains: ['*.shop.example']
    timeouts: { open: 10s }
  - name: hosted
    mx: ['*.mx.example', inbox.example]
    connections: 3
  - name: late
    domains: [late.example]
  - name: rest
    domains: ['*']
`;
const { rules, periodMs } = parseMxRules(table, 'mx.yaml');

test('durations and domains are read as they are meant', () => {
  expect(periodMs).toBe(2_000);
  expect(rules[0]?.domains).toEqual(['shop.example', 'xn--mller-kva.example']);
  expect(rules[1]?.timeouts).toEqual({ open: 10_000 });
});

test.each<[string, string[] | undefined, string | undefined]>([
  ['shop.example', undefined, 'exact'],
  ['xn--mller-kva.example', undefined, 'exact'],
  ['a.b.shop.example', undefined, 'below'],
  ['myshop.example', undefined, 'ask-mx'],
  ['other.example', ['a.mx.example'], 'hosted'],
  ['other.example', ['elsewhere.test', 'inbox.example'], 'hosted'],
  // A wildcard stands for hosts below, as in a certificate.
  ['other.example', ['mx.example'], 'rest'],
  ['other.example', [], 'rest'],
  // An earlier rule may hold for it.
  ['late.example', undefined, 'ask-mx'],
  ['late.example', [], 'late'],
])('mail to %s, taken by %j, goes by the rule "%s"', (domain, mx, expected) => {
  const found = ruleFor(rules, domain, mx);
  expect(typeof found === 'object' ? found.name : found).toBe(expected);
});

test('without a rule that matches, mail goes as its relay says', () => {
  expect(ruleFor(rules.slice(0, 2), 'other.example')).toBeUndefined();
  expect(ruleFor(rules.slice(0, 4), 'other.example', [])).toBeUndefined();
});

test('the first rule that matches holds, whatever stands behind it', () => {
  const pattern = fc.constantFrom('*', 'a.example', '*.a.example', 'b.a.example', 'c.example', '*.example');
  const host = fc.constantFrom('a.example', 'b.a.example', 'x.b.a.example', 'c.example', 'd.test');
  const rule = fc.record({
    domains: fc.array(pattern, { minLength: 1 }),
    mx: fc.option(fc.array(pattern, { minLength: 1 }), { nil: undefined }),
  });
  const fits = (one: string, name: string): boolean =>
    one === '*' ||
    (one.startsWith('*')
      ? name.split('.').some((_, n, all) => n > 0 && `*.${all.slice(n).join('.')}` === one)
      : one === name);
  fc.assert(
    fc.property(fc.array(rule), host, fc.array(host), (given, domain, mx) => {
      const named = given.map((one, n) => ({ name: `r${n}`, ...one }));
      const first = named.find(
        (one) => one.domains?.some((p) => fits(p, domain)) || one.mx?.some((p) => mx.some((h) => fits(p, h))),
      );
      expect(ruleFor(named, domain, mx)).toBe(first);
      // Who is not asked is not needed: the answer without MX is the same, or a question.
      const unasked = ruleFor(named, domain);
      if (unasked !== 'ask-mx') expect(unasked).toBe(first);
    }),
  );
});

test('all faults are told at once, each with its place', () => {
  const text = `
period: 2h
rules:
  - name: Upper
    domains: [not a domain]
  - name: twice
    domains: [a.example]
    conections: 3
  - name: twice
    mx: []
    messagesPerHour: 0
    tls: always
  - name: nothing
    connections: 2
`;
  expect(() => parseMxRules(text, 'mx.yaml')).toThrow(MxRulesError);
  try {
    parseMxRules(text, 'mx.yaml');
  } catch (error) {
    expect((error as Error).message.split('\n')).toEqual([
      'mx.yaml:2: period: must be 1s to 1h',
      'mx.yaml:4: rules[0].name: must be 1–40 of a–z, 0–9 and "-"',
      'mx.yaml:5: rules[0].domains[0]: must be a domain such as shop.example, *.shop.example for all below it, or * for every one',
      'mx.yaml:8: rules[1].conections: there is no setting "conections" here; did you mean "connections"?',
      'mx.yaml:10: rules[2].mx: is at least 1 entries',
      'mx.yaml:11: rules[2].messagesPerHour: is at least 1',
      'mx.yaml:12: rules[2].tls: is one of "none", "opportunistic", "required"',
      'mx.yaml:13: rules[3]: a rule needs "domains" or "mx", or nothing is it for',
    ]);
  }
  const twice = `rules: [{ name: twice, domains: [a.example] }, { name: twice, domains: [b.example] }]`;
  expect(() => parseMxRules(twice, 'mx.yaml')).toThrow(
    'mx.yaml:1: rules[1].name: another rule is called "twice" too; give each a name of its own',
  );
});

test('the shipped rules are usable, and stand behind those of a file that extends them', async () => {
  const shipped = await loadMxRules('shipped');
  expect(shipped).toMatchObject({ periodMs: 300_000 });
  expect(shipped.rules.map(({ name }) => name)).toEqual(shippedRules.map(({ name }) => name));
  expect(ruleFor(shipped.rules, 'aol.com', ['mx-aol.mail.gm0.yahoodns.net'])).toMatchObject({
    messagesPerConnection: 20,
  });
  const own = parseMxRules(
    '{"extends":"shipped","rules":[{"name":"yahoo","mx":["*.yahoodns.net"],"connections":2}]}',
    'mx.json',
  );
  expect(own.rules).toHaveLength(shipped.rules.length);
  expect(own.rules[0]).toMatchObject({ name: 'yahoo', connections: 2 });
});

test('a file that is not there is told of', async () => {
  await expect(loadMxRules('nowhere/mx.yaml')).rejects.toThrow(
    'nowhere/mx.yaml: there is no such file; "shipped" names the rules that come with Sealpost',
  );
});
