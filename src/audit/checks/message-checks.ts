import type { Schedule } from '../../delivery/waves.js';
import { isFinal, type Phase } from '../../delivery/phase.js';
import type { ChainedEntry } from '../journal-chain.js';
import { judgeAttempts } from './attempt-checks.js';
import { clocksMs, type MessageCheck } from './check.js';

export const messageChecks: readonly MessageCheck[] = [
  {
    name: 'after-decision',
    title: 'nothing was taken up for sending before the decision',
    parts: ['messages', 'copies'],
    judge: ({ firstClaimedAt }, { approval: { confirmation } }) => {
      if (firstClaimedAt === null) return undefined;
      if (!confirmation) return 'was taken up for sending, and nothing was ever released';
      return firstClaimedAt < confirmation.at
        ? `was taken up at ${firstClaimedAt}, before the release at ${confirmation.at}`
        : undefined;
    },
  },
  {
    name: 'in-time',
    title: 'nothing was taken up for sending before its contact date and its wave',
    parts: ['messages'],
    judge: ({ seq, firstClaimedAt }, { schedule, journal }) => {
      const due = schedule && dueAt(schedule, seq, journal);
      return due !== undefined && firstClaimedAt !== null && firstClaimedAt < due
        ? `was taken up at ${firstClaimedAt}, and its wave was to leave at ${due}`
        : undefined;
    },
  },
  {
    name: 'after-stop',
    title: 'nothing was sent after the delivery was stopped or had failed',
    parts: ['messages', 'copies'],
    judge: ({ status, firstClaimedAt, settledAt }, { journal }) => {
      const stop = stopOf(journal);
      if (!stop) return undefined;
      if (firstClaimedAt !== null && firstClaimedAt > stop.at)
        return `was taken up at ${firstClaimedAt}, after the stop`;
      const late = status === 'sent' && settledAt !== null && Date.parse(settledAt) > stop.settled + clocksMs;
      return late ? `was sent at ${settledAt}, after the stop had been settled` : undefined;
    },
  },
  {
    name: 'sealed',
    title: 'everything that was sent is under the seal',
    parts: ['messages', 'copies'],
    judge: ({ status, attempts, leaf }) =>
      leaf === null && (attempts > 0 || status === 'sent' || status === 'accepted-by-provider')
        ? `has no leaf, and its status is "${status}" after ${attempts} attempts`
        : undefined,
  },
  {
    name: 'reasons',
    title: 'whoever got nothing was left out for a reason that is recorded',
    parts: ['messages', 'proofs'],
    judge: ({ status, reason, leaf, proof }) => {
      if (status === 'ignored' && reason === null) return 'was left out without a reason';
      const open = status === 'ignored' || status === 'canceled' || status === 'pending';
      return proof === 0 && leaf === null && !open ? `has no leaf and is "${status}"` : undefined;
    },
  },
  {
    name: 'attempts',
    title: 'the attempts at each message are as many as it counts, and end as it has ended',
    parts: ['messages', 'proofs', 'copies'],
    judge: judgeAttempts,
  },
];

/** Judged beside the messages themselves: see `Originals`. */
export const copyCheck = { name: 'copies', title: 'each copy is of the message whose number it has' };

/** The earliest instant at which a message may have left: waves can come later than they were planned, and never sooner. */
function dueAt({ startsAt = '', waves }: Schedule, seq: number, journal: readonly ChainedEntry[]): string {
  const wave = waves.find(({ lastSeq }) => seq <= lastSeq);
  const began = journal.find(({ kind, data }) => kind === 'phase' && data['phase'] === 'sending')?.at;
  const bySize = began === undefined ? '' : new Date(Date.parse(began) + (wave?.afterMs ?? 0)).toISOString();
  const own = wave?.startsAt ?? bySize;
  return own > startsAt ? own : startsAt;
}

/** Since when nothing could be taken up any more, and when all that had been was settled, by the journal. */
function stopOf(journal: readonly ChainedEntry[]): { at: string; settled: number } | undefined {
  const last = journal.findLast(({ kind }) => kind === 'phase');
  const phase = last?.data['phase'] as Phase | undefined;
  if (!last || phase === undefined || !isFinal(phase) || phase === 'finished') return undefined;
  const ended = journal.findLast(({ kind }) => kind === 'ended');
  return { at: last.at, settled: Date.parse((ended ?? last).at) };
}
