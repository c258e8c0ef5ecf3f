import type { DeliveryReport } from '../client/index.js';
import type { Phase } from '../delivery/phase.js';
import { demand } from './decision-text.js';
import { standingWords } from './schedule-text.js';
import { rowText, sealedText } from './target-text.js';
import { nextCommands } from './phase-text.js';
import { grouped } from './terminal-text.js';

/** What a delivery's phase means to who reads its report. */
const phaseSentences: Record<Phase, string> = {
  checking: 'Its parameters are being checked: there is nothing to decide yet.',
  proofing: 'A proof is on its way to the proof recipients, and the analysis follows: there is nothing to decide yet.',
  analysing: 'Its messages are being computed: there is nothing to decide yet.',
  'awaiting-decision': 'It waits for a decision: once its seal is confirmed, its messages leave.',
  'awaiting-revision':
    'It cannot be confirmed as it is: correct it and submit a new revision, or have it analysed again.',
  scheduled: 'Its seal is confirmed, and it is about to send.',
  sending: 'Its seal is confirmed, and messages are leaving; it can be paused and stopped.',
  paused: 'It is paused: nothing leaves until it is resumed.',
  finished: 'It has ended: every recipient has a final status.',
  stopped: 'An operator has ended it: what had not left is canceled.',
  expired: 'Nobody decided in time: it has ended, and nothing was sent to its target.',
  failed: 'It has failed and cannot go on.',
};

export interface ReportState {
  sentences: string[];
  /** What can be typed next. */
  next: string[];
}

/** Where a delivery stands, and what its reader can do. */
export function reportState(report: DeliveryReport): ReportState {
  const { phase, seal } = report;
  const own = standingWords(report);
  return {
    sentences: [
      ...warnings(report),
      own === undefined ? phaseSentences[phase] : `It is ${phase}: ${own}.`,
      seal === undefined ? 'It has no seal yet.' : `The seal ${seal} covers ${sealedText(report)}.`,
      ...demand(report.pendingDecision),
    ],
    next: nextCommands(report),
  };
}

/** What must not be overlooked. */
function warnings({ brokenSeal, analysis }: DeliveryReport): string[] {
  const differing = analysis?.differing ?? [];
  const rows = `row${differing.length === 1 ? '' : 's'} ${differing.slice(0, 10).join(', ')}${differing.length > 10 ? ', …' : ''}`;
  const why = analysis?.sameLanguageData
    ? 'something was changed after the seal: do not confirm it'
    : 'this machine’s Node has other language data than the one that sealed: make the report with that Node';
  return [
    ...(brokenSeal ? [`The message of ${rowText(brokenSeal.row)} is not the one that was confirmed.`] : []),
    ...(differing.length === 0
      ? []
      : [
          `${grouped(differing.length)} of the messages that were made again are not as they were sealed (${rows}); ${why}.`,
        ]),
  ];
}
