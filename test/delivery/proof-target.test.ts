import { formatOf, type ProofSettings } from '../../src/delivery/proof-settings.js';
import { proofMessages, type ProofRecipient } from '../../src/delivery/proof-target.js';

const one = (address: string, row = 2): ProofRecipient => ({ address, row });
const failing = (address: string): ProofRecipient => ({ address, row: 9, fault: 'html: field "city" is missing' });
const listed = { denylisted: new Set(['denied', 'both']), quarantined: new Set(['bounced', 'both']) };

type Settings = Pick<ProofSettings, 'formats' | 'keep'>;

test.each<[string, ProofRecipient[], Settings, (string | undefined)[]]>([
  [
    'everybody is kept where nothing is said',
    ['denied', 'bounced', 'a', 'a'].map((address) => one(address)),
    {},
    [undefined, undefined, undefined, undefined],
  ],
  [
    'the first of doubles stays',
    [one('a'), one('b'), one('a')],
    { keep: { doubles: false } },
    [undefined, undefined, 'double'],
  ],
  ['the denylist counts', [one('denied'), one('bounced')], { keep: { denylisted: false } }, ['denylisted', undefined]],
  [
    'the quarantine counts',
    [one('denied'), one('bounced')],
    { keep: { quarantined: false } },
    [undefined, 'quarantined'],
  ],
  [
    'the denylist comes before the quarantine',
    [one('both'), one('both')],
    { keep: { doubles: false, denylisted: false, quarantined: false } },
    ['denylisted', 'denylisted'],
  ],
  [
    'who has no message is no first one',
    [failing('a'), one('a'), one('a')],
    { keep: { doubles: false } },
    ['personalisation-failed', undefined, 'double'],
  ],
])('%s', (_name, recipients, settings, reasons) => {
  expect(proofMessages(recipients, settings, listed).map(({ reason }) => reason)).toEqual(reasons);
});

test('each recipient has a message in each format, and is left out of all of them or of none', () => {
  const settings: Settings = { formats: ['text', 'html'], keep: { doubles: false } };
  const messages = proofMessages([one('a', 2), one('b', 3), one('a', 4)], settings, listed);
  expect(messages.map(({ seq, address, row, reason }) => [seq, formatOf(settings, seq), address, row, reason])).toEqual(
    [
      [1, 'text', 'a', 2, undefined],
      [2, 'html', 'a', 2, undefined],
      [3, 'text', 'b', 3, undefined],
      [4, 'html', 'b', 3, undefined],
      [5, 'text', 'a', 4, 'double'],
      [6, 'html', 'a', 4, 'double'],
    ],
  );
});
