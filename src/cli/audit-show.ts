import type { Command } from 'commander';
import { checkChain, type ChainedEntry } from '../audit/journal-chain.js';
import { journalCauses } from '../audit/journal-causes.js';
import type { JournalEntry } from '../client/index.js';
import { commandNames } from '../delivery/command.js';
import { eventKinds } from '../delivery/journal-entry.js';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { CliError } from './failures.js';
import { entryText } from './journal-text.js';
import { timeOption, wordsOption } from './option-values.js';
import { grouped, oneLine, plural, timeText } from './terminal-text.js';

const kinds: readonly JournalEntry['kind'][] = [...eventKinds, ...commandNames];

interface Options extends CommonOptions {
  actor?: string[];
  kind?: JournalEntry['kind'][];
  since?: ReturnType<typeof timeOption>;
  until?: ReturnType<typeof timeOption>;
}

export function registerAuditShow(audit: Command, cli: Cli): void {
  addCommand(audit, 'show <delivery>', 'who did what, what came of it, and whether the journal is as it was written', [
    'sealpost audit show 2026-11-winter-news',
    'sealpost audit show 2026-11-winter-news --actor approver --kind decide,reviewProof',
    'sealpost audit show 2026-11-winter-news --since 2026-11-24 --until 2026-11-24T18:00Z --json',
  ])
    .option('--actor <id>', 'what this operator did; may be given several times', oneMore)
    .option('--kind <kinds>', `of these kinds: ${kinds.join(', ')}`, wordsOption(kinds))
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

/** An entry as it is told: `follows` are the entries that brought it about. */
type ToldEntry = ChainedEntry & { actor?: string; text: string; follows: number[] };

async function showAudit(cli: Cli, id: string, options: Options): Promise<void> {
  const { terminal } = cli;
  const entries = await withDelivery(cli, id, (delivery) => delivery.journal());
  const faults = checkChain(id, entries);
  const told = tell(entries).filter((entry) => isWanted(entry, options));
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

function tell(entries: readonly ChainedEntry[]): ToldEntry[] {
  // What was written by hand may lack anything; the chain says so, and all the rest is still to be told.
  const asWritten = entries.map(({ n, at, kind, data }) => ({ n, at, kind, ...data }) as JournalEntry);
  const follows = journalCauses(asWritten);
  return entries.map((entry, i) => {
    const written = asWritten[i];
    const operator = written?.kind === 'proof' ? undefined : written?.operator;
    return {
      ...entry,
      ...(typeof operator === 'string' && { actor: operator }),
      text: (written && readable(written)) ?? `nothing that an entry of kind "${entry.kind}" tells`,
      follows: follows.get(entry.n) ?? [],
    };
  });
}

function readable(entry: JournalEntry): string | undefined {
  if (!kinds.includes(entry.kind)) return undefined;
  try {
    return entryText(entry);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function isWanted({ actor, kind, at }: ToldEntry, { actor: actors, kind: wanted, since, until }: Options): boolean {
  const time = Date.parse(at);
  return (
    (actors === undefined || (actor !== undefined && actors.includes(actor))) &&
    (wanted === undefined || wanted.some((one) => one === kind)) &&
    !(since && time < since.first) &&
    !(until && time > until.last)
  );
}

function lineOf({ n, at, text, follows }: ToldEntry): string {
  const because = follows.length === 0 ? '' : ` (follows from ${follows.join(' and ')})`;
  return oneLine(`${String(n).padStart(5)}  ${timeText(at)}  ${text}${because}`);
}
