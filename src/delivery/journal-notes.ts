import type { JournalEntry } from './journal-entry.js';
import type { Phase } from './phase.js';
import type { ProcessState } from './process.js';

/** A bound on what a flood of commands can add to the state. */
const maxUnrecorded = 500;

/** Adds an entry for the journal; repeated refusals of the same kind are counted in one entry. */
export function note(state: ProcessState, now: number, entry: Omit<JournalEntry, 'n' | 'at' | 'times'>): void {
  const last = state.unrecorded.at(-1);
  const refusal = entry.accepted === false;
  const full = state.unrecorded.length >= maxUnrecorded;
  const same = last && last.kind === entry.kind && last.reason === entry.reason && last.operator === entry.operator;
  // What was handed over may stand in the journal as it was then.
  const open = last && last.n > (state.offered ?? 0);
  if (open && refusal && (same || (full && last.accepted === false))) {
    last.times = (last.times ?? 1) + 1;
    return;
  }
  state.journalled += 1;
  state.unrecorded.push({ n: state.journalled, at: new Date(now).toISOString(), ...entry });
}

export function enter(state: ProcessState, phase: Phase, now: number, because?: string): void {
  if (state.phase === phase) return;
  note(state, now, { kind: 'phase', phase, ...(because === undefined ? {} : { reason: because }) });
  state.phase = phase;
}
