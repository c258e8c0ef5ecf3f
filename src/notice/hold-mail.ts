import { consoleBlocks, mailText, type MailText } from './mail-text.js';

/** What people must know of a delivery that has paused by itself. */
export interface HoldFacts {
  delivery: string;
  name: string;
  /** In numbers. */
  why: string;
  consoleUrl?: string | undefined;
}

/** The mail that tells it: the same for all who get it. */
export function holdMail({ delivery, name, why, consoleUrl }: HoldFacts): MailText {
  return mailText('Paused by itself', name, [
    { text: `"${name}" has paused by itself, and no message of it leaves: ${why}.` },
    { text: 'What is left waits until somebody resumes it. What went wrong before counts no more then.' },
    {
      title: 'To look at it, and to go on or to end it',
      lines: [
        `sealpost show ${delivery}`,
        `sealpost messages ${delivery} --status failed`,
        `sealpost resume ${delivery}`,
        `sealpost stop ${delivery}`,
      ],
      code: true,
    },
    ...consoleBlocks(consoleUrl, delivery),
    { text: 'Opening this mail, following its links or answering it resumes nothing.' },
  ]);
}
