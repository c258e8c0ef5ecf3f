import { exclusionWords } from '../delivery/control-rules/target-rules.js';
import type { NeededConfirmations } from '../delivery/approval-gates.js';
import type { RequestReason } from '../delivery/decision-requests.js';
import { findingLevels, type Finding } from '../delivery/finding.js';
import type { Reason, ReasonCounts } from '../delivery/message-status.js';
import { grouped, plural, timeText } from '../delivery/plain-words.js';
import type { Mailbox } from '../mime/header-value.js';
import { consoleBlocks, mailText, type Block, type MailText } from './mail-text.js';

/** What people must know of a delivery to decide on it. */
export interface DecisionFacts {
  reason: RequestReason;
  delivery: string;
  name: string;
  revision: string;
  author: string;
  seal: string;
  messages: number;
  sender: Mailbox;
  findings: readonly Finding[];
  excluded: ReasonCounts;
  /** By each set of rules that must be satisfied. */
  needed: readonly NeededConfirmations[];
  /** Operators whose confirmation would count now. */
  mayConfirm: readonly string[];
  /** Those whose confirmation counts already. */
  confirmedBy: readonly string[];
  /** Milliseconds since the epoch. */
  expiresAt: number;
  consoleUrl?: string | undefined;
}

const openings: Record<RequestReason, string> = {
  request: 'Your decision is wanted.',
  reminder: 'Your decision is still wanted.',
  escalation: 'A decision is still missing, and you are the one to be told.',
};

const subjects: Record<RequestReason, string> = {
  request: 'Decision wanted',
  reminder: 'Reminder, decision wanted',
  escalation: 'Decision missing',
};

/** The mail by which people are asked: the same for all who get it. */
export function decisionMail(facts: DecisionFacts): MailText {
  const { reason, name, seal } = facts;
  return mailText(subjects[reason], `${name} (seal ${seal.slice(0, 8)})`, blocksOf(facts));
}

function blocksOf(facts: DecisionFacts): Block[] {
  const { reason, delivery, name, messages, sender, expiresAt, consoleUrl } = facts;
  const from = sender.name === undefined ? sender.address : `${sender.name} <${sender.address}>`;
  const leave = `Once it is confirmed, ${plural(messages, 'message')} of "${name}" will leave, from ${from}.`;
  return [
    { text: `${openings[reason]} ${leave}` },
    { text: missing(facts) },
    { text: `The request stands until ${timeText(new Date(expiresAt).toISOString())}.` },
    ...findingBlocks(facts.findings),
    excludedBlock(facts.excluded),
    {
      title: 'Delivery',
      lines: [delivery, `revision ${facts.revision} by ${facts.author}`, `seal ${facts.seal}`],
    },
    {
      title: 'To look at it, and to decide',
      lines: [`sealpost show ${delivery}`, `sealpost confirm ${delivery}`, `sealpost reject ${delivery}`],
      code: true,
    },
    ...consoleBlocks(consoleUrl, delivery, 'decision'),
    { text: 'Opening this mail, following its links or answering it approves nothing.' },
  ];
}

function missing({ needed, mayConfirm, confirmedBy }: DecisionFacts): string {
  const demands = needed.map(({ gate, confirmations }) => {
    const verb = confirmations === 1 ? 'is' : 'are';
    return `${plural(confirmations, 'confirmation')} ${verb} missing${gate === undefined ? '' : ` at the gate "${gate}"`}.`;
  });
  const sentences = [
    ...new Set(demands),
    `Who may confirm now: ${mayConfirm.join(', ') || 'nobody; a new revision must name others'}.`,
    ...(confirmedBy.length === 0 ? [] : [`Confirmed by ${confirmedBy.join(', ')}.`]),
  ];
  return sentences.join(' ');
}

/** More of them are a matter for the report. */
const findingsTold = 50;

function findingBlocks(findings: readonly Finding[]): Block[] {
  if (findings.length === 0) return [{ text: 'The checks have found nothing.' }];
  const blocks: Block[] = findingLevels.flatMap((level) => {
    const found = findings.filter((one) => one.level === level);
    if (found.length === 0) return [];
    const title = level === 'info' ? `${grouped(found.length)} for information` : plural(found.length, level);
    const more = found.length - findingsTold;
    return [
      {
        title,
        lines: [
          ...found.slice(0, findingsTold).map(({ place, sentence }) => `${place}: ${sentence}`),
          ...(more > 0 ? [`and ${grouped(more)} more`] : []),
        ],
      },
    ];
  });
  return blocks;
}

function excludedBlock(excluded: ReasonCounts): Block {
  const counts = Object.entries(excluded) as [Reason, number][];
  if (counts.length === 0) return { text: 'Nobody is left out.' };
  return {
    title: `Left out: ${plural(
      counts.reduce((sum, [, count]) => sum + count, 0),
      'recipient',
    )}`,
    lines: counts.map(([reason, count]) => `${grouped(count)}: ${exclusionWords[reason] ?? reason}`),
  };
}
