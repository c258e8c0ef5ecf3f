import type { DeliverySettings } from '../definition.js';
import type { Rule } from './rule.js';

/** Of exclusions that a definition has switched off. */
export const exclusionSwitchRules: readonly Rule<{ settings: DeliverySettings }>[] = [
  {
    id: 'denylist-off',
    level: 'warning',
    explanation: 'Who unsubscribed and gets mail all the same complains, and in many countries by right.',
    check: ({ settings: { target } }) =>
      target?.exclude.denylisted === false
        ? [
            {
              place: 'target.exclude.denylisted',
              sentence:
                'People who unsubscribed or are on the denylist get this message: only where it is owed to them, such as a recall.',
            },
          ]
        : [],
  },
  {
    id: 'quarantine-off',
    level: 'warning',
    explanation: 'Mail systems judge a sender by how much of the mail goes to addresses that take none.',
    check: ({ settings: { target } }) =>
      target?.exclude.quarantined === false
        ? [
            {
              place: 'target.exclude.quarantined',
              sentence:
                'Addresses in quarantine get this message: mail systems count failed mail against the sender, so keep them few.',
            },
          ]
        : [],
  },
];
