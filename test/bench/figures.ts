import type { AnalysisFigures } from './sealpost-turn.js';
import { usageIsKnown } from './process-usage.js';
import type { ProcessFigures, TurnUsage } from './watched-turn.js';

/** One side in one round. */
export interface TurnFigures {
  seconds: number;
  usage: TurnUsage;
  /** Average size on the wire, and most connections at a time, as the sink saw them. */
  seen?: { bytesPerMessage: number; connections: number };
}

export interface RoundFigures {
  sealpost: TurnFigures & AnalysisFigures & { untilFinished: number; events: number };
  nodemailer: TurnFigures;
}

/** What a side's CPU time is made of: everything that works for it, and never the sink. */
const processesOf = { sealpost: ['worker', 'postgres', 'temporal', 'client'], nodemailer: ['nodemailer'] } as const;

export type Side = keyof typeof processesOf;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Medians over the rounds; CPU and memory are null where they cannot be told. */
export interface Summary {
  messages: number;
  sealpost: {
    messagesPerSecond: number;
    cpuSecondsPer1000: number | null;
    eventsPerMessage: number;
    workerRssMb: number | null;
    /** The client stores the definition; target, rendering and seal; both before the confirmation. */
    submissionSeconds: number;
    analysisSeconds: number;
    /** From the confirmation to the end of the delivery's workflow. */
    finishedAfterSeconds: number;
  };
  nodemailerPool: { messagesPerSecond: number; cpuSecondsPer1000: number | null };
  /** Messages a second, Sealpost's over those of nodemailer's pool. */
  ratio: number;
  rounds: { sealpost: number; nodemailerPool: number; ratio: number; otherWork: { [side in Side]: number } | null }[];
  /** In each side's turn; CPU seconds per 1,000 messages, largest memory. */
  processes: { name: string; turn: Side; cpuSecondsPer1000: number; rssMb: number }[] | null;
  seen: { [side in Side]?: { bytesPerMessage: number; connections: number } };
}

const known = (value: number) => (usageIsKnown ? value : null);

export function summarise(messages: number, rounds: readonly RoundFigures[]): Summary {
  const of = (pick: (round: RoundFigures) => number) => median(rounds.map(pick));
  const rate = (side: Side) => of((round) => messages / round[side].seconds);
  const cpu = (side: Side) => known(of((round) => (1_000 * cpuOf(round[side].usage, side)) / messages));
  const seen = (side: Side) => rounds.at(-1)?.[side].seen;
  return {
    messages,
    sealpost: {
      messagesPerSecond: rate('sealpost'),
      cpuSecondsPer1000: cpu('sealpost'),
      eventsPerMessage: of(({ sealpost }) => sealpost.events / messages),
      workerRssMb: known(Math.max(...rounds.map(({ sealpost }) => processIn(sealpost.usage, 'worker').rssMb))),
      submissionSeconds: of(({ sealpost }) => sealpost.submission),
      analysisSeconds: of(({ sealpost }) => sealpost.analysis),
      finishedAfterSeconds: of(({ sealpost }) => sealpost.untilFinished),
    },
    nodemailerPool: { messagesPerSecond: rate('nodemailer'), cpuSecondsPer1000: cpu('nodemailer') },
    ratio: rate('sealpost') / rate('nodemailer'),
    rounds: rounds.map(({ sealpost, nodemailer }) => ({
      sealpost: messages / sealpost.seconds,
      nodemailerPool: messages / nodemailer.seconds,
      ratio: nodemailer.seconds / sealpost.seconds,
      otherWork: usageIsKnown ? { sealpost: sealpost.usage.otherWork, nodemailer: nodemailer.usage.otherWork } : null,
    })),
    processes: usageIsKnown
      ? (['sealpost', 'nodemailer'] as const).flatMap((side) => perProcess(messages, rounds, side))
      : null,
    seen: definedOnly({ sealpost: seen('sealpost'), nodemailer: seen('nodemailer') }),
  };
}

function perProcess(messages: number, rounds: readonly RoundFigures[], turn: Side) {
  const names = rounds[0]?.[turn].usage.processes.map(({ name }) => name) ?? [];
  return names.map((name) => {
    const all = rounds.map((round) => processIn(round[turn].usage, name));
    return {
      name,
      turn,
      cpuSecondsPer1000: (1_000 * median(all.map(({ cpuSeconds }) => cpuSeconds))) / messages,
      rssMb: Math.max(...all.map(({ rssMb }) => rssMb)),
    };
  });
}

function cpuOf(usage: TurnUsage, side: Side): number {
  return processesOf[side].reduce((sum, name) => sum + processIn(usage, name).cpuSeconds, 0);
}

function processIn(usage: TurnUsage, name: string): ProcessFigures {
  return usage.processes.find((one) => one.name === name) ?? { name, cpuSeconds: 0, rssMb: 0 };
}

function definedOnly(seen: { [side in Side]: TurnFigures['seen'] }): Summary['seen'] {
  return {
    ...(seen.sealpost && { sealpost: seen.sealpost }),
    ...(seen.nodemailer && { nodemailer: seen.nodemailer }),
  };
}
