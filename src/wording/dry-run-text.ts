import type { DryRunDescription } from '../client/index.js';
import { grouped, plural, timeText } from './terminal-text.js';

/** Who asked for a dry run, and whether it has come to its end. */
export function dryRunSentence({ ended, untried }: DryRunDescription): string {
  const rest = untried === 0 ? '' : ` Of ${plural(untried, 'recipient')} nothing is known.`;
  if (!ended) return `It is under way; nothing is sent.${rest}`;
  const { at, operator, reason } = ended;
  const early = reason === undefined ? '' : `; it ended early, for ${reason}`;
  return `Asked for by ${operator}, ended at ${timeText(at)}${early}. Nothing was sent.${rest}`;
}

/** What was said of how many, the most frequent first. */
export const dryRunAnswers = ({ answers }: DryRunDescription): [answer: string, count: string][] =>
  answers.map(({ outcome, reason, count }) => [reason === null ? outcome : `${outcome}: ${reason}`, grouped(count)]);
