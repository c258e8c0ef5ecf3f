import { taken, tookAny, type MessageStatus, type StatusCounts } from '../delivery/message-status.js';
import type { FinalPhase } from '../delivery/phase.js';
import { grouped, plural } from '../delivery/plain-words.js';
import { consoleBlocks, mailText, type Block, type MailText } from './mail-text.js';

/** What people must know of a delivery that has ended. */
export interface EndFacts {
  delivery: string;
  name: string;
  outcome: FinalPhase;
  /** Why, where the outcome is `failed`. */
  reason?: string;
  /** Messages of the main target. */
  counts: StatusCounts;
  consoleUrl?: string | undefined;
}

const outcomes: Record<FinalPhase, { title: string; sentence: string }> = {
  finished: { title: 'Finished', sentence: 'has finished' },
  stopped: { title: 'Stopped', sentence: 'was stopped; what had not left is canceled' },
  expired: { title: 'Expired', sentence: 'has expired, for nobody decided in time' },
  failed: { title: 'Failed', sentence: 'has failed, and cannot go on' },
};

/** The mail that tells it: the same for all who get it. */
export function endMail({ delivery, name, outcome, reason, counts, consoleUrl }: EndFacts): MailText {
  const { title, sentence } = outcomes[outcome];
  const why = reason === undefined ? '' : ` (${reason})`;
  return mailText(title, name, [
    { text: `"${name}" ${sentence}${why}. ${leftText(counts)}` },
    ...countBlocks(counts),
    ...doubtBlocks(delivery, counts),
    {
      title: 'To look at it',
      lines: [`sealpost show ${delivery}`, `sealpost messages ${delivery}`, `sealpost audit show ${delivery}`],
      code: true,
    },
    ...consoleBlocks(consoleUrl, delivery),
  ]);
}

function leftText(counts: StatusCounts): string {
  if (!tookAny(counts)) return 'No relay took any message of it.';
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0) - (counts.ignored ?? 0);
  return `Relays took ${grouped(taken(counts))} of ${plural(all, 'message')}.`;
}

function countBlocks(counts: StatusCounts): Block[] {
  const found = Object.entries(counts) as [MessageStatus, number][];
  if (found.length === 0) return [];
  return [{ title: 'Messages', lines: found.map(([status, count]) => `${grouped(count)} ${status}`) }];
}

function doubtBlocks(delivery: string, { 'in-doubt': doubtful = 0 }: StatusCounts): Block[] {
  if (doubtful === 0) return [];
  return [
    {
      title: `Nobody knows whether a relay took ${plural(doubtful, 'message')}: somebody has to decide`,
      lines: [`sealpost in-doubt ${delivery}`],
      code: true,
    },
  ];
}
