import type { ContentView } from './content-rules.js';
import type { Rule } from './control-rule.js';
import type { DeliverySettings } from './definition.js';

/** A file that every message carries. */
export interface FileView {
  name: string;
  /** An image that the HTML shows. */
  inline: boolean;
  bytes: number;
}

interface FormatView {
  settings: DeliverySettings;
  content: ContentView;
  files: readonly FileView[];
  knownVariables: ReadonlySet<string>;
  /** Whether something is written in the recipient's language. */
  writesInLocale: boolean;
}

/** Bytes, of all files together. */
const large = 1024 * 1024;

/** Gmail and Outlook refuse messages with such files, in archives too. */
const blocked =
  /\.(?:ade|adp|apk|app|appx|bat|cab|chm|cmd|com|cpl|dll|dmg|exe|hta|ins|iso|jar|jse?|lib|lnk|mde|msc|msix?|msp|mst|nsh|pif|ps1|scr|sct|sys|vbe?|vbs|vxd|wsc|wsf|wsh)$/i;

export const formatRules: readonly Rule<FormatView>[] = [
  {
    id: 'format-without-html',
    level: 'warning',
    check: ({ settings: { format }, content }) =>
      format === 'recipient' && content.htmlBytes === 0
        ? [
            {
              place: 'format',
              sentence: 'There is no HTML to choose: everybody gets text. Add HTML, or say format: text.',
            },
          ]
        : [],
  },
  {
    id: 'format-field-unknown',
    level: 'warning',
    check: ({ settings: { format, formatField }, knownVariables }) =>
      format === 'recipient' && !knownVariables.has(formatField)
        ? [
            {
              place: 'formatField',
              sentence: `No recipient has a field "${formatField}", so nobody gets text alone: name the column as formatField.`,
            },
          ]
        : [],
  },
  {
    id: 'locale-field-unknown',
    level: 'warning',
    check: ({ settings: { localeField, locale }, knownVariables, writesInLocale }) =>
      // Who names no column means the delivery's language for all.
      writesInLocale && localeField !== 'locale' && !knownVariables.has(localeField)
        ? [
            {
              place: 'localeField',
              sentence: `No recipient has a field "${localeField}", so all get dates and numbers in ${locale}: name the column as localeField.`,
            },
          ]
        : [],
  },
  {
    id: 'message-large',
    level: 'warning',
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
    check: ({ files }) =>
      files
        .filter(({ name }) => blocked.test(name))
        .map(({ name }) => ({
          place: 'attachments',
          sentence: `Mailbox providers refuse messages with a file such as "${name}": link to it.`,
        })),
  },
];
