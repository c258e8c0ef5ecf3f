import type { Reason } from '../message-status.js';
import type { Rule } from './rule.js';
import type { AnalysisView, CountedRows, SeedLeftOut } from './views.js';

/** Why the analysis leaves a recipient out, in words. */
export const exclusionWords: Partial<Record<Reason, string>> = {
  'address-missing': 'no address',
  'address-invalid': 'the address is not valid',
  denylisted: 'the address is on the denylist',
  quarantined: 'the address is in quarantine',
  'excluded-by-source': 'the address is in a source that excludes',
  double: 'the same address came before',
  'control-group': 'drawn for the control group, which gets nothing',
  'over-limit': 'the target is limited to fewer recipients',
  'personalisation-failed': 'a field that the content needs is missing or does not fit',
};

/** What to do about who is left out and should not be. */
const remedies: Partial<Record<Reason, string>> = {
  'address-missing': 'fill the column, or name the right one as addressField',
  'address-invalid': 'correct the address',
  denylisted: 'leave it so, unless they asked for mail again',
  quarantined: 'leave it so, unless the address takes mail again',
  'excluded-by-source': 'correct that source if this is not meant',
  double: 'leave it so, or take the rows out that are too many',
  'control-group': 'change target.control if this is not meant',
  'over-limit': 'change target.limit if this is not meant',
  'personalisation-failed': 'fill or correct the column, or give a default',
};

export const targetRules: readonly Rule<AnalysisView>[] = [
  {
    id: 'target-empty',
    level: 'error',
    fixed: true,
    explanation: 'A delivery to nobody sends nothing, and says that something went wrong before.',
    check: ({ messages }) =>
      messages === 0 ? [{ place: 'recipients', sentence: 'Nobody is left to send to: look at the exclusions.' }] : [],
  },
  {
    id: 'personalisation-failed',
    level: 'warning',
    explanation: 'Who lacks a field that the content needs, or whose values fit in no message, gets none.',
    check: ({ personalisationFaults }) =>
      personalisationFaults.map(({ fault, ...affected }) => ({
        place: 'recipients',
        sentence: `${recipients(affected.count)} ${affected.count === 1 ? 'gets' : 'get'} no message ${rowsOf(affected)}; ${fault}: fill or correct the column, or give a default.`,
      })),
  },
  {
    id: 'case-doubles',
    level: 'warning',
    explanation: 'Mail systems deliver to the same mailbox however an address is capitalised.',
    // RFC 5321 §2.4: local parts are case-sensitive, and hardly any system makes two mailboxes of them.
    check: ({ caseDoubles }) =>
      caseDoubles.count === 0
        ? []
        : [
            {
              place: 'recipients',
              sentence: `${recipients(caseDoubles.count)} ${caseDoubles.count === 1 ? 'has the address of an earlier one' : 'have addresses of earlier ones'} but for upper and lower case ${rowsOf(caseDoubles)}, and would most likely get two copies: take one of each out.`,
            },
          ],
  },
  {
    id: 'seed-left-out',
    level: 'warning',
    explanation: 'Whoever should see what recipients get sees nothing.',
    check: ({ seedsLeftOut }) =>
      seedsLeftOut.map((seed) => ({ place: `target.seeds[${seed.n - 1}]`, sentence: seedSentence(seed) })),
  },
  {
    id: 'recipients-excluded',
    level: 'info',
    explanation: 'Whoever confirms should know who gets no message, and why.',
    check: ({ excluded }) =>
      Object.entries(excluded).map(([reason, count]) => ({
        place: 'recipients',
        sentence: `${recipients(count)} ${count === 1 ? 'is' : 'are'} left out (${exclusionWords[reason as Reason] ?? reason}): ${remedies[reason as Reason] ?? 'see who by "sealpost messages ID --excluded"'}.`,
      })),
  },
];

function seedSentence({ reason, fault }: SeedLeftOut): string {
  const why = exclusionWords[reason] ?? reason;
  const remedy =
    reason === 'personalisation-failed'
      ? 'give the seed the field under "fields", or the content a default'
      : reason === 'double'
        ? 'take it out, for it gets a message already'
        : 'name another address';
  return `This seed gets no message: ${why}${fault === undefined ? '' : ` (${fault})`}; ${remedy}.`;
}

export function recipients(count: number): string {
  return `${count.toLocaleString('en-US')} recipient${count === 1 ? '' : 's'}`;
}

function rowsOf({ count, rows }: CountedRows): string {
  return `(row${count === 1 ? '' : 's'} ${rows.join(', ')}${count > rows.length ? ', …' : ''})`;
}
