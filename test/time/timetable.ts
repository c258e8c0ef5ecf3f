import type { Phase } from '../../src/delivery/phase.js';
import type { FakeLedger } from './fake-ledger.js';

const two = (value: number): string => String(value).padStart(2, '0');

/** `3d 04:05`: days, hours and minutes from one instant to another, both in milliseconds since the epoch. */
export function elapsed(from: number, to: number): string {
  const minutes = Math.floor((to - from) / 60_000);
  return `${Math.floor(minutes / 1_440)}d ${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

/** The phases of a delivery, each with the time since the first one that is named. */
export function phasesSince(ledger: FakeLedger, first: Phase): string[] {
  const phases = ledger.journal.flatMap(({ at, phase }) => (phase ? [{ at: Date.parse(at), phase }] : []));
  const seen = phases.slice(phases.findIndex(({ phase }) => phase === first));
  const from = seen[0]?.at ?? Number.NaN;
  return seen.map(({ at, phase }) => `${elapsed(from, at)} ${phase}`);
}

/** When a message was attempted, counted from the start of sending. */
export function attemptsOf(ledger: FakeLedger, seq: number): string[] {
  const started = ledger.journal.find(({ phase }) => phase === 'sending');
  const from = Date.parse(started?.at ?? '');
  return ledger.attempts.filter((one) => one.seq === seq).map(({ at }) => elapsed(from, at));
}

/** When people were told that a decision is awaited, counted from the first time to the nearest minute, and why. */
export function toldSince({ journal }: FakeLedger, show = elapsed): string[] {
  const entries = journal.filter(({ kind }) => kind === 'requested');
  const from = Date.parse(entries[0]?.at ?? '');
  return entries.map(({ at, reason, untold }) =>
    [show(from, Date.parse(at) + 30_000), reason, ...(untold ? [untold] : [])].join(' '),
  );
}
