import type { ReportSample } from '../client/index.js';
import { mailboxText } from './description-text.js';
import type { Field } from './terminal-text.js';

const leftOutWords: Record<ReportSample['leftOut'][number], string> = {
  text: 'the end of the text',
  html: 'the end of the HTML',
  images: 'the images that the message carries',
};

/** Envelope and subject of a sample. */
export function sampleFields(id: string, { from, replyTo, to, subject, row, leftOut }: ReportSample): Field[] {
  return [
    ['subject', subject],
    ['from', mailboxText(from)],
    ...(replyTo ? [['answers to', mailboxText(replyTo)] as const] : []),
    ['to', `${to} (row ${row})`],
    ...(leftOut.length > 0
      ? [
          [
            'not shown',
            `${leftOut.map((part) => leftOutWords[part]).join(', ')}; whole: sealpost preview ${id} --profile ${row} --out preview`,
          ] as const,
        ]
      : []),
  ];
}

/** `Shortest, random`. */
export function sampleTitle({ drawnAs }: ReportSample): string {
  const title = drawnAs.join(', ');
  return title.charAt(0).toUpperCase() + title.slice(1);
}
