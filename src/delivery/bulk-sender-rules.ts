import type { Rule } from './control-rule.js';
import type { DeliverySettings } from './definition.js';
import { isTemplate } from './definition-text.js';

/** What mailbox providers ask of who sends to many. */
export const bulkSenderRules: readonly Rule<{ settings: DeliverySettings }>[] = [
  {
    id: 'unsubscription-header',
    level: 'warning',
    check: ({ settings: { unsubscribe } }) =>
      unsubscribe.url === undefined && unsubscribe.mailto === undefined && unsubscribe.hosted === undefined
        ? [
            {
              place: 'unsubscribe',
              sentence:
                'No message says how to unsubscribe, and Gmail and Yahoo demand it of bulk mail: set unsubscribe.',
            },
          ]
        : [],
  },
  {
    id: 'one-click-missing',
    level: 'info',
    check: ({ settings: { unsubscribe } }) =>
      unsubscribe.url !== undefined && unsubscribe.oneClick !== true
        ? [
            {
              place: 'unsubscribe.url',
              sentence:
                'Gmail and Yahoo want unsubscription with one click (RFC 8058): set unsubscribe.oneClick where the URL takes a POST, or use unsubscribe.hosted.',
            },
          ]
        : [],
  },
  {
    id: 'one-click-same-for-all',
    level: 'error',
    check: ({ settings: { unsubscribe } }) =>
      unsubscribe.oneClick === true && unsubscribe.url !== undefined && !isTemplate(unsubscribe.url)
        ? [
            {
              place: 'unsubscribe.url',
              sentence:
                'Nobody can tell from this URL who unsubscribes with one click: put {{ email }} or an id of the recipient into it.',
            },
          ]
        : [],
  },
  {
    id: 'auto-submitted-list',
    level: 'warning',
    check: ({ settings: { autoSubmitted, list } }) =>
      autoSubmitted !== undefined && list !== undefined
        ? [
            {
              place: 'autoSubmitted',
              sentence: 'A list that people subscribe to is no automatic notice: leave autoSubmitted or list out.',
            },
          ]
        : [],
  },
];
