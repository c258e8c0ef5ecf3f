import type { Command } from 'commander';
import { checkChain } from '../audit/journal-chain.js';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { CliError } from './failures.js';
import { timeOption, wordsOption } from './option-values.js';
import { grouped, oneLine, plural, timeText } from '../wording/terminal-text.js';
import { isWanted, journalKinds, toldEntries, type JournalFilter, type ToldEntry } from '../wording/told-journal.js';

type Options = CommonOptions & JournalFilter;

export function registerAuditShow(audit: Command, cli: Cli): void {
  addCommand(audit, 'show <delivery>', 'who did what, what came of it, and whether the journal is as it was written', [
    'sealpost audit show 2026-11-winter-news',
    'sealpost audit show 2026-11-winter-news --actor approver --kind decide,reviewProof',
    'sealpost audit show 2026-11-winter-news --since 2026-11-24 --until 2026-11-24T18:00Z --json',
  ])
    .option('--actor <id>', 'what this operator did; may be given several times', oneMore)
    .option('--kind <kinds>', `of these kinds: ${journalKinds.join(', ')}`, wordsOption(journalKinds))
    .option('--since <time>', 'from this instant or day (UTC) on', timeOption)
    .option('--until <time>', 'up to this instant, or the end of this day (UTC)', timeOption)
    .addHelpText(
      'after',
      '\nThe chain of hashes is always checked as a whole, whatever is shown; docs/audit.md tells how. A broken one is exit code 1.',
    )
    .action((id: string, options: Options) => showAudit(cli, id, options));
}

function oneMore(text: string, before?: string[]): string[] {
  return [...(before ?? []), text];
}

async function showAudit(cli: Cli, id: string, options: Options): Promise<void> {
  const { terminal } = cli;
  const entries = await withDelivery(cli, id, (delivery) => delivery.journal());
  const faults = checkChain(id, entries);
  const told = toldEntries(entries).filter((entry) => isWanted(entry, options));
  const last = entries.at(-1);
  const head = last && { n: last.n, hash: last.hash };
  if (options.json) terminal.json({ delivery: id, unbroken: faults.length === 0, faults, head, entries: told }, 2);
  else {
    terminal.print(...told.map(lineOf));
    const count = `${grouped(entries.length)} ${entries.length === 1 ? 'entry' : 'entries'}`;
    terminal.print('', told.length === entries.length ? `${count}.` : `${grouped(told.length)} of ${count}.`);
    if (head && faults.length === 0)
      terminal.print(`The chain is unbroken; entry ${head.n} has the hash ${head.hash}.`);
    terminal.print(...faults.map((fault) => oneLine(`Broken: ${fault}.`)));
  }
  const [first, ...others] = faults;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` (and ${plural(others.length, 'more fault')})`;
  throw new CliError('CHAIN_BROKEN', oneLine(`The journal of "${id}" is not as it was written: ${first}${more}.`));
}

function lineOf({ n, at, text, follows }: ToldEntry): string {
  const because = follows.length === 0 ? '' : ` (follows from ${follows.join(' and ')})`;
  return oneLine(`${String(n).padStart(5)}  ${timeText(at)}  ${text}${because}`);
}
