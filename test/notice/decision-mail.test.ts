import PostalMime from 'postal-mime';
import { decisionMail, type DecisionFacts } from '../../src/notice/decision-mail.js';
import { compileNotice, type NoticeName } from '../../src/notice/notice-message.js';

const seal = '3f9c2a71'.repeat(8);
const facts: DecisionFacts = {
  reason: 'request',
  delivery: '2026-11-winter-news',
  name: 'Winter news',
  revision: 'ab'.repeat(32),
  author: 'author',
  seal,
  messages: 990,
  sender: { name: 'Northwind Garden', address: 'news@garden.example' },
  findings: [
    { rule: 'r', level: 'warning', place: 'subject', sentence: 'It is long: cut <b>it</b>.' },
    { rule: 'r', level: 'info', place: 'html', sentence: 'A note.' },
    { rule: 'r', level: 'info', place: 'text', sentence: 'Another note.' },
  ],
  excluded: { denylisted: 7, double: 3 },
  needed: [{ gate: 'budget', confirmations: 2 }],
  mayConfirm: ['anna', 'ben'],
  confirmedBy: ['cleo'],
  expiresAt: Date.parse('2026-12-01T09:00:00Z'),
  consoleUrl: 'https://sealpost.internal',
};
const from = { name: 'Sealpost', address: 'sealpost@garden.example' };
const name: NoticeName = { delivery: facts.delivery, seal, reason: 'request', number: 1, operator: 'anna' };
const at = Date.parse('2026-11-24T09:00:00Z');

test('it says what will happen, what was found, who must confirm, until when, and what to type', () => {
  const { subject, text } = decisionMail(facts);
  expect(subject).toBe('Decision wanted: Winter news (seal 3f9c2a71)');
  expect(text)
    .toBe(`Your decision is wanted. Once it is confirmed, 990 messages of "Winter news" will leave, from Northwind Garden <news@garden.example>.

2 confirmations are missing at the gate "budget". Who may confirm now: anna, ben. Confirmed by cleo.

The request stands until 2026-12-01 09:00:00 UTC.

1 warning:
  - subject: It is long: cut <b>it</b>.

2 for information:
  - html: A note.
  - text: Another note.

Left out: 10 recipients:
  - 7: the address is on the denylist
  - 3: the same address came before

Delivery:
  - 2026-11-winter-news
  - revision ${'ab'.repeat(32)} by author
  - seal ${seal}

To look at it, and to decide:
    sealpost show 2026-11-winter-news
    sealpost confirm 2026-11-winter-news
    sealpost reject 2026-11-winter-news

In the console:
  - https://sealpost.internal/deliveries/2026-11-winter-news/decision

Opening this mail, following its links or answering it approves nothing.
`);
});

test('the HTML says the same, and what stands in findings and names is text there', () => {
  const { html } = decisionMail({ ...facts, name: '<img src=x>' });
  expect(html).toContain('cut &lt;b&gt;it&lt;/b&gt;.');
  expect(html).toContain('&lt;img src=x&gt;');
  expect(html).not.toContain('<img');
  expect(html).toContain(
    '<a href="https://sealpost.internal/deliveries/2026-11-winter-news/decision">https://sealpost.internal/deliveries/2026-11-winter-news/decision</a>',
  );
  expect(html).toContain('<pre>sealpost show 2026-11-winter-news\n');
});

test.each([
  ['reminder', 'Reminder, decision wanted: Winter news (seal 3f9c2a71)', /^Your decision is still wanted\./],
  ['escalation', 'Decision missing: Winter news (seal 3f9c2a71)', /^A decision is still missing/],
] as const)('%s', (reason, subject, beginning) => {
  const mail = decisionMail({ ...facts, reason });
  expect(mail.subject).toBe(subject);
  expect(mail.text).toMatch(beginning);
});

test('nothing found, nobody left out, no console: so it says, and is silent of the last', () => {
  const { text } = decisionMail({ ...facts, findings: [], excluded: {}, confirmedBy: [], consoleUrl: undefined });
  expect(text).toContain('The checks have found nothing.');
  expect(text).toContain('Nobody is left out.');
  expect(text).not.toContain('console');
  expect(text).not.toContain('Confirmed by');
});

test('a mail is to one person, generated, and equal each time it is made', async () => {
  const make = () => compileNotice({ from, mail: decisionMail(facts), at })('anna@garden.example', name);
  const { bytes } = make();
  expect(make().bytes.equals(bytes)).toBe(true);
  const { headers, from: sender, to, subject, date, text, html, messageId } = await PostalMime.parse(bytes);
  expect({ sender, to, subject, date }).toEqual({
    sender: { name: 'Sealpost', address: 'sealpost@garden.example' },
    to: [{ name: '', address: 'anna@garden.example' }],
    subject: 'Decision wanted: Winter news (seal 3f9c2a71)',
    date: '2026-11-24T09:00:00.000Z',
  });
  expect(headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
  expect(messageId).toMatch(/^<[0-9a-f]{40}@garden\.example>$/);
  expect(text?.replaceAll('\r\n', '\n').trimEnd()).toBe(decisionMail(facts).text.trimEnd());
  expect(html?.trimEnd()).toBe(decisionMail(facts).html.trimEnd());
});

test.each<[string, Partial<NoticeName>]>([
  ['delivery', { delivery: 'other' }],
  ['seal', { seal: 'ab'.repeat(32) }],
  ['reason', { reason: 'reminder' }],
  ['number', { number: 2 }],
  ['person', { operator: 'ben' }],
])('another %s is another Message-ID', (_, other) => {
  const made = compileNotice({ from, mail: decisionMail(facts), at });
  const idOf = (own: NoticeName) => made('a@b.example', own).headers.find(([header]) => header === 'Message-ID')?.[1];
  expect(idOf({ ...name, ...other })).not.toBe(idOf(name));
});

test.each(['\r\nBcc: eve@evil.example', '\nBcc: eve@evil.example', '\0', '\u2028Bcc: x'])(
  'a name with %j adds no header',
  async (bad) => {
    const mail = decisionMail({ ...facts, name: `News${bad}` });
    const { bytes } = compileNotice({ from, mail, at })('anna@garden.example', name);
    const { headers } = await PostalMime.parse(bytes);
    expect(headers.map(({ key }) => key)).not.toContain('bcc');
    expect(mail.subject).not.toMatch(/[\r\n\0\u2028]/);
  },
);

test('nor does an address', () => {
  const made = compileNotice({ from, mail: decisionMail(facts), at });
  expect(() => made('anna@garden.example\r\nBcc: eve@evil.example', name)).toThrow(/must not contain line breaks/);
});
