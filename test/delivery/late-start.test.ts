import { lateStart } from '../../src/delivery/late-start.js';

const contact = '2026-12-01T08:00:00.000Z';
const at = (time: string): number => Date.parse(`2026-12-${time}Z`);

test.each([
  ['in time', {}, contact, '01T07:00', '01T08:00', undefined],
  ['an hour later, which is tolerated by itself', {}, contact, '01T07:00', '01T09:00', undefined],
  [
    'more than an hour later',
    {},
    contact,
    '01T07:00',
    '01T09:01',
    /due at 2026-12-01 08:00:00 UTC .* 09:01:00 UTC.*\(1h\)/,
  ],
  ['less than the settings tolerate', { lateness: '2h' }, contact, '01T07:00', '01T09:01', undefined],
  ['more than the settings tolerate', { lateness: '5m' }, contact, '01T07:00', '01T08:06', /\(5m\)/],
  ['soon after a confirmation that came after the contact date', {}, contact, '03T07:00', '03T07:30', undefined],
  ['long after such a confirmation', {}, contact, '03T07:00', '03T09:00', /due at 2026-12-03 07:00:00 UTC/],
  ['days after the confirmation, without a contact date', {}, undefined, '01T07:00', '09T07:00', undefined],
  [
    'the same, where the settings say what is tolerated',
    { lateness: '1d' },
    undefined,
    '01T07:00',
    '09T07:00',
    /\(1d\)/,
  ],
])('%s', (_, settings, startsAt, accepted, now, expected) => {
  const late = lateStart(settings, { acceptedAt: at(accepted), startsAt, now: at(now) });
  if (expected === undefined) expect(late).toBeUndefined();
  else expect(late).toMatch(expected);
});
