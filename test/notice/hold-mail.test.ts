import { holdMail } from '../../src/notice/hold-mail.js';

const facts = {
  delivery: '2026-11-winter-news',
  name: 'Winter news',
  why: '40 of the last 100 messages failed, and 20 % is the most',
  consoleUrl: 'https://sealpost.internal',
};

test('it says what has happened, in numbers, and what to do', () => {
  const { subject, text } = holdMail(facts);
  expect(subject).toBe('Paused by itself: Winter news');
  expect(text)
    .toBe(`"Winter news" has paused by itself, and no message of it leaves: 40 of the last 100 messages failed, and 20 % is the most.

What is left waits until somebody resumes it. What went wrong before counts no more then.

To look at it, and to go on or to end it:
    sealpost show 2026-11-winter-news
    sealpost messages 2026-11-winter-news --status failed
    sealpost resume 2026-11-winter-news
    sealpost stop 2026-11-winter-news

In the console:
  - https://sealpost.internal/deliveries/2026-11-winter-news

Opening this mail, following its links or answering it resumes nothing.
`);
});

test('the HTML says the same, and a name is text there', () => {
  const { html } = holdMail({ ...facts, name: '<img src=x>' });
  expect(html).toContain('&lt;img src=x&gt;');
  expect(html).not.toContain('<img');
  expect(html).toContain('<pre>sealpost show 2026-11-winter-news\n');
});

test('without a console it names none', () => {
  expect(holdMail({ ...facts, consoleUrl: undefined }).text).not.toMatch(/console|https:/);
});

test.each(['\r\nBcc: eve@evil.example', '\0', '\u2028x'])('a name with %j stays in its line', (bad) => {
  expect(holdMail({ ...facts, name: `News${bad}` }).subject).not.toMatch(/[\r\n\0\u2028]/);
});
