import { characterNames } from '../charset.js';
import type { DeliverySettings } from '../definition.js';
import type { Rule } from './rule.js';
import type { ContentView, WrittenText } from './views.js';

interface SubjectView {
  settings: DeliverySettings;
  content: ContentView;
}

const maxSubject = 100;
const maxSenderName = 60;

/**
 * Controls, what shows nothing, and what turns the direction of writing round. Left out are joiners and marks that scripts
 * and emoji are written with.
 */
const special =
  /(?![\u200c-\u200f\u061c\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0\ufffd]/gu;

/** Fewer make an abbreviation or a name. */
const manyCapitals = 10;

/** A rule about each of the texts that lists of mails show. */
const headingRule = (
  rule: Omit<Rule<unknown>, 'check'>,
  sentenceAbout: (written: string) => string | undefined,
): Rule<SubjectView> => ({
  ...rule,
  check: ({ content }) =>
    content.headings.flatMap(({ place, written }: WrittenText) => {
      const sentence = sentenceAbout(written);
      return sentence === undefined ? [] : [{ place, sentence }];
    }),
});

/** What lists of mails show: subject and sender's name. */
export const subjectRules: readonly Rule<SubjectView>[] = [
  {
    id: 'subject-empty',
    level: 'error',
    fixed: true,
    explanation: 'A mail without a subject is opened by hardly anybody, and filters take it for spam.',
    check: ({ settings }) =>
      settings.subject.trim() === '' ? [{ place: 'subject', sentence: 'The subject is empty: write one.' }] : [],
  },
  {
    id: 'subject-long',
    level: 'warning',
    explanation: 'Lists of mails show 30 to 70 characters of a subject; what stands behind them is read by nobody.',
    check: ({ content: { subjectLength } }) =>
      subjectLength > maxSubject
        ? [
            {
              place: 'subject',
              sentence: `The subject has ${subjectLength} characters, and lists of mails show far fewer: use at most ${maxSubject}.`,
            },
          ]
        : [],
  },
  {
    id: 'sender-name-empty',
    level: 'info',
    explanation:
      'Lists of mails show the name of the sender; without one they show a bare address, which people trust less.',
    check: ({ settings: { sender } }) =>
      (sender.name ?? '').trim() === ''
        ? [
            {
              place: 'sender.name',
              sentence: 'The sender has no name: write the one that recipients know as sender.name.',
            },
          ]
        : [],
  },
  {
    id: 'sender-name-long',
    level: 'warning',
    explanation: 'Lists of mails cut the name of the sender off after 20 to 40 characters.',
    check: ({ content: { headings } }) =>
      headings
        .filter(({ place, written }) => place !== 'subject' && written.length > maxSenderName)
        .map(({ place, written }) => ({
          place,
          sentence: `The name has ${written.length} characters, and lists of mails show far fewer: use at most ${maxSenderName}.`,
        })),
  },
  headingRule(
    {
      id: 'special-characters',
      level: 'warning',
      explanation:
        'Control characters, and characters that show nothing or turn the direction of writing round, come in by copying; filters know them as a means of hiding words.',
    },
    (written) => {
      const found = [...new Set(written.match(special) ?? [])];
      return found.length > 0
        ? `Characters that nobody sees stand here, ${characterNames(found)}: take them out.`
        : undefined;
    },
  ),
  headingRule(
    {
      id: 'all-capitals',
      level: 'warning',
      explanation: 'Capitals throughout read as shouting, and spam filters count them against a mail.',
    },
    (written) =>
      !/\p{Ll}/u.test(written) && (written.match(/\p{Lu}/gu) ?? []).length >= manyCapitals
        ? 'All letters are capitals, which spam filters count against a mail: write it in lower case too.'
        : undefined,
  ),
  headingRule(
    {
      id: 'exclamation-marks',
      level: 'warning',
      explanation: 'Spam filters count exclamation marks against a mail, and readers do too.',
    },
    (written) =>
      /[!！‼❗❕]\s*[!！‼❗❕]/u.test(written) || (written.match(/[!！‼❗❕]/gu) ?? []).length > 2
        ? 'There are many exclamation marks, which spam filters count against a mail: leave one at the most.'
        : undefined,
  ),
];
