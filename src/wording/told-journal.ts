import type { ChainedEntry } from '../audit/journal-chain.js';
import { journalCauses } from '../audit/journal-causes.js';
import type { JournalEntry } from '../client/index.js';
import { commandNames } from '../delivery/command.js';
import { eventKinds } from '../delivery/journal-entry.js';
import { entryText } from './journal-text.js';
import type { TimeSpan } from './time-span.js';

export const journalKinds: readonly JournalEntry['kind'][] = [...eventKinds, ...commandNames];

/** Which entries are wanted; all, where it is empty. */
export interface JournalFilter {
  /** Operator ids. */
  actor?: string[];
  kind?: JournalEntry['kind'][];
  since?: TimeSpan | undefined;
  until?: TimeSpan | undefined;
}

/** An entry as it is told: `follows` are the entries that brought it about. */
export type ToldEntry = ChainedEntry & { actor?: string; text: string; follows: number[] };

/** @param entries - all of a delivery's, in order */
export function toldEntries(entries: readonly ChainedEntry[]): ToldEntry[] {
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
  if (!journalKinds.includes(entry.kind)) return undefined;
  try {
    return entryText(entry);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

export function isWanted(
  { actor, kind, at }: ToldEntry,
  { actor: actors, kind: wanted, since, until }: JournalFilter,
): boolean {
  const time = Date.parse(at);
  return (
    (actors === undefined || (actor !== undefined && actors.includes(actor))) &&
    (wanted === undefined || wanted.some((one) => one === kind)) &&
    !(since && time < since.first) &&
    !(until && time > until.last)
  );
}
