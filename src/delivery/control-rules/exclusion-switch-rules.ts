import type { DeliverySettings } from '../definition.js';
import type { Rule } from './rule.js';

type SwitchRule = Rule<{ settings: DeliverySettings }>;

/** A rule about an exclusion that a definition has switched off. */
const switchRule = (
  which: 'denylisted' | 'quarantined',
  rule: Pick<SwitchRule, 'id' | 'explanation'>,
  sentence: string,
): SwitchRule => ({
  ...rule,
  level: 'warning',
  check: ({ settings: { target } }) =>
    target?.exclude[which] === false ? [{ place: `target.exclude.${which}`, sentence }] : [],
});

export const exclusionSwitchRules: readonly SwitchRule[] = [
  switchRule(
    'denylisted',
    {
      id: 'denylist-off',
      explanation: 'Who unsubscribed and gets mail all the same complains, and in many countries by right.',
    },
    'People who unsubscribed or are on the denylist get this message: take the setting out, unless it is owed to them as a recall is.',
  ),
  switchRule(
    'quarantined',
    {
      id: 'quarantine-off',
      explanation: 'Mail systems judge a sender by how much of the mail goes to addresses that take none.',
    },
    'Addresses in quarantine get this message, and mail systems count failed mail against the sender: take the setting out, unless they are few.',
  ),
];
