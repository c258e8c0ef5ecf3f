import type { Rule } from './rule.js';
import type { AnalysisView, ParametersView } from './views.js';

/** Gmail shows no more octets of a message's HTML, and hides the rest behind "View entire message". */
const clippedKb = 102;
export const clippedFrom = clippedKb * 1024;
/** Bytes, of all files together. */
const large = 1024 * 1024;

/** Gmail and Outlook refuse messages with such files, in archives too. */
const blocked =
  /\.(?:ade|adp|apk|app|appx|bat|cab|chm|cmd|com|cpl|dll|dmg|exe|hta|ins|iso|jar|jse?|lib|lnk|mde|msc|msix?|msp|mst|nsh|pif|ps1|scr|sct|sys|vbe?|vbs|vxd|wsc|wsf|wsh)$/i;

const clipped = `Gmail hides what comes after ${clippedKb} KB of HTML, and that is where the unsubscription link mostly stands`;

export const sizeRules: readonly Rule<Pick<ParametersView, 'content' | 'files'>>[] = [
  {
    id: 'html-clipped',
    level: 'warning',
    explanation: `${clipped}. This is the template, before it is filled.`,
    check: ({ content: { htmlBytes } }) =>
      htmlBytes > clippedFrom
        ? [
            {
              place: 'html',
              sentence: `The HTML has ${Math.ceil(htmlBytes / 1024)} KB, and Gmail cuts it off after ${clippedKb} KB: shorten it.`,
            },
          ]
        : [],
  },
  {
    id: 'message-large',
    level: 'warning',
    explanation: 'Large messages take long to send, and mailbox providers slow down or refuse who sends many of them.',
    check: ({ files }) => {
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      return bytes > large
        ? [
            {
              place: 'attachments',
              sentence: `Every message carries ${(bytes / 1024 / 1024).toFixed(1)} MB of files: link to what need not come along.`,
            },
          ]
        : [];
    },
  },
  {
    id: 'attachment-blocked',
    level: 'warning',
    explanation: 'Mailbox providers refuse the whole message for the sake of a file that can run.',
    check: ({ files }) =>
      files
        .filter(({ name }) => blocked.test(name))
        .map(({ name }) => ({
          place: 'attachments',
          sentence: `Mailbox providers refuse messages with a file such as "${name}": link to it.`,
        })),
  },
];

export const filledSizeRules: readonly Rule<Pick<AnalysisView, 'clipped'>>[] = [
  {
    id: 'message-clipped',
    level: 'warning',
    explanation: `${clipped}. This is the largest message as it would be sent, with its recipient's values.`,
    check: ({ clipped: largest }) =>
      largest === undefined
        ? []
        : [
            {
              place: 'html',
              sentence: `The largest message (row ${largest.row}) has ${Math.ceil(largest.bytes / 1024)} KB of HTML, and Gmail cuts it off after ${clippedKb} KB: shorten what its recipient's values bring in.`,
            },
          ],
  },
];
