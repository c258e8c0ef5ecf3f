import { endMail } from '../../src/notice/end-mail.js';

test('it says how it ended, what became of the messages, what is open, and what to type', () => {
  const { subject, text, html } = endMail({
    delivery: 'winter',
    name: 'Winter <news>',
    outcome: 'finished',
    counts: { sent: 1_980, 'accepted-by-provider': 5, failed: 13, 'in-doubt': 2, ignored: 12 },
    consoleUrl: 'https://sealpost.internal',
  });
  expect(subject).toBe('Finished: Winter <news>');
  expect(text).toBe(`"Winter <news>" has finished. Relays took 1,985 of 2,000 messages.

Messages:
  - 1,980 sent
  - 5 accepted-by-provider
  - 13 failed
  - 2 in-doubt
  - 12 ignored

Nobody knows whether a relay took 2 messages: somebody has to decide:
    sealpost in-doubt winter

To look at it:
    sealpost show winter
    sealpost messages winter
    sealpost audit show winter

In the console:
  - https://sealpost.internal/deliveries/winter
`);
  expect(html).toContain('Winter &lt;news&gt;&#34; has finished');
});

test.each([
  ['stopped', undefined, /^"News" was stopped; what had not left is canceled\. No relay took any message of it\.$/m],
  ['expired', undefined, /^"News" has expired, for nobody decided in time\. /m],
  ['failed', 'SealBroken', /^"News" has failed, and cannot go on \(SealBroken\)\. /m],
] as const)('%s is told as such', (outcome, reason, said) => {
  const counts = { canceled: 3 };
  const { text } = endMail({ delivery: 'n', name: 'News', outcome, counts, ...(reason && { reason }) });
  expect(text).toMatch(said);
  expect(text).not.toContain('in-doubt');
  expect(text).not.toContain('console');
});
