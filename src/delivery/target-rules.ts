import type { Rule } from './control-rule.js';
import type { DeliverySettings } from './definition.js';

/** What the rules of the target's settings see of a revision. */
interface TargetView {
  settings: DeliverySettings;
}

export const targetRules: readonly Rule<TargetView>[] = [
  {
    id: 'denylist-off',
    level: 'warning',
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
