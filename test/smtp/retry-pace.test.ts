import { retryPace } from '../../src/smtp/retry-pace.js';

test.each([
  ['451 4.7.1 Greylisted, come again', 'early', 'timetable'],
  [
    '450 4.2.0 <ann@shop.example>: Recipient address rejected: Greylisted, see http://postgrey.example',
    'early',
    'timetable',
  ],
  ['451 Temporary failure: gray-listing in action', 'early', 'timetable'],
  ['450 4.2.0 gray list in action', 'early', 'timetable'],
  ['450 4.7.1 please try again in 300 seconds', 'early', 'timetable'],
  ['421 come back in 00:05:00', 'early', 'timetable'],
  ['451 4.7.1 Try later', 'early', 'late'],
  ['450 4.7.0 unusual rate of unsolicited mail', 'late', 'late'],
  ['451 4.7.26 unauthenticated', 'late', 'late'],
  ['421 4.7.28 too many from this network', 'late', 'late'],
  ['452 4.2.2 over quota', 'timetable', 'timetable'],
  ['450 4.2.1 receiving mail too quickly, try again later', 'timetable', 'timetable'],
  ['452 4.3.1 insufficient system storage', 'timetable', 'timetable'],
  ['451 4.4.1 no answer from host', 'timetable', 'timetable'],
  ['450 4.1.1 address verification in progress', 'timetable', 'timetable'],
  ['451 later', 'timetable', 'timetable'],
  ['452 4.3.4 message too big for now', 'never', 'never'],
  ['452 4.2.3 longer than allowed', 'never', 'never'],
  // Deferred all the same: the mailbox can be emptied.
  ['552 5.2.2 over quota', 'timetable', 'timetable'],
  ['550 5.7.1 greylisted', 'timetable', 'timetable'],
  // Addresses have any words in them, and codes stand at the beginning.
  ['450 4.2.0 <greylist@shop.example>: busy', 'timetable', 'timetable'],
  ['451 4.3.0 see 4.7.1', 'timetable', 'timetable'],
  ['connection lost: ECONNRESET (the reply to RCPT was due)', 'timetable', 'timetable'],
  ['', 'timetable', 'timetable'],
])('%s → %s, then %s', (reply, first, later) => {
  expect([1, 2, 3].map((attempts) => retryPace(reply, attempts))).toEqual([first, later, later]);
});
