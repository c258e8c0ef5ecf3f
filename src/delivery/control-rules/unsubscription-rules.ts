import { isTemplate } from '../definition-text.js';
import type { Rule } from './rule.js';
import type { ParametersView } from './views.js';

/** What the law and mailbox providers ask of who sends to many. */
export const unsubscriptionRules: readonly Rule<Pick<ParametersView, 'settings' | 'mentionsUnsubscription'>>[] = [
  {
    id: 'unsubscription-link-html',
    level: 'warning',
    explanation:
      'Who finds no way out marks the mail as spam, which costs the sender more than one reader; in most countries the law demands the link.',
    check: ({ mentionsUnsubscription }) =>
      !mentionsUnsubscription.html
        ? [{ place: 'html', sentence: 'The HTML has no unsubscription link: add {{ unsubscribe_url }}.' }]
        : [],
  },
  {
    id: 'unsubscription-link-text',
    level: 'warning',
    explanation: 'Who reads the text part needs the same way out as who reads the HTML.',
    check: ({ mentionsUnsubscription }) =>
      mentionsUnsubscription.text
        ? []
        : [{ place: 'text', sentence: 'The text has no unsubscription link: add {{ unsubscribe_url }}.' }],
  },
  {
    id: 'unsubscription-header',
    level: 'warning',
    explanation: 'Gmail and Yahoo refuse or hide bulk mail without List-Unsubscribe.',
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
    explanation:
      'With one click (RFC 8058) readers leave by a button of their mail program, and do not take the spam button.',
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
    fixed: true,
    explanation:
      'The POST of a mail program tells nothing but the URL: where that is the same for all, nobody is unsubscribed.',
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
    explanation:
      'Auto-Submitted is for notices that a program writes to one person (RFC 3834); on a list it contradicts List-Id.',
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
