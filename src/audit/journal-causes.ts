import type { JournalEntry } from '../delivery/journal-entry.js';

type Told = Pick<JournalEntry, 'n' | 'kind' | 'phase' | 'operator' | 'verdict' | 'accepted'>;

/** What can bring each thing about. Phases, accepted commands, and everything else by their names in the journal. */
const causes: Readonly<Record<string, readonly string[]>> = {
  checking: ['revise'],
  analysing: ['startAnalysis'],
  'awaiting-decision': ['sealed', 'late', 'withdraw'],
  'awaiting-revision': ['reject', 'stopAnalysis', 'sealed'],
  scheduled: ['confirm'],
  paused: ['pause', 'held'],
  'sending-paused': ['paused'],
  'sending-resumed': ['resume'],
  sending: ['resume'],
  stopped: ['stop'],
  'dry-run': ['dryRun'],
  'rate-set': ['setRate'],
  ended: ['finished', 'stopped', 'expired', 'failed'],
};

/** Of these all count, and not the last one alone: a quorum is several. */
const together = new Set(['confirm']);

/**
 * Which entries brought an entry about, as far as the journal tells: those since the phase before it, and that phase.
 *
 * @param entries - all of a delivery's, in order
 * @returns numbers of the entries that each entry follows from, by its number; nothing for what came by itself
 */
export function journalCauses(entries: readonly Told[]): Map<number, number[]> {
  const found = new Map<number, number[]>();
  let since: Told[] = [];
  for (const entry of entries) {
    const wanted = causes[nameOf(entry) ?? ''] ?? [];
    const matching = since.filter((earlier) => wanted.includes(nameOf(earlier) ?? ''));
    const last = matching.at(-1);
    if (last) {
      const all = together.has(nameOf(last) ?? '') ? matching : [last];
      found.set(
        entry.n,
        all.map(({ n }) => n),
      );
    }
    if (entry.kind === 'phase') since = [];
    if (nameOf(entry) === 'withdraw') since = since.filter((earlier) => !isConfirmationOf(earlier, entry));
    since.push(entry);
  }
  return found;
}

function isConfirmationOf(earlier: Told, { operator }: Told): boolean {
  return nameOf(earlier) === 'confirm' && earlier.operator === operator;
}

/** @returns undefined for a command that was refused: it brings nothing about */
function nameOf({ kind, phase, verdict, accepted }: Told): string | undefined {
  if (accepted === false) return undefined;
  if (kind === 'phase') return phase;
  return kind === 'decide' ? verdict : kind;
}
