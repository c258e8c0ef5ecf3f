import type { HoldFigures } from './held-turn.js';
import type { BenchOptions } from './options.js';
import { usageIsKnown } from './process-usage.js';
import type { Seen } from './receivers.js';
import type { AnalysisFigures } from './sealpost-turn.js';
import type { ProcessFigures, TurnUsage } from './watched-turn.js';
import type { Part } from './worker-profile.js';

/** One side in one round. */
export interface TurnFigures {
  seconds: number;
  usage: TurnUsage;
  seen?: Seen;
}

export type SealpostFigures = TurnFigures & AnalysisFigures & { untilFinished: number; events: number };

export type RoundFigures = { sealpost: SealpostFigures; nodemailer: TurnFigures };

export type ParametersRoundFigures = { sealpost: SealpostFigures; parameters: SealpostFigures };

/** Onto Postfix's smtp-sink. */
export type PostfixRoundFigures = RoundFigures & { smtpSource: TurnFigures };

/**
 * What a side's CPU time is made of: everything that works for it, and never the sink. smtp-source ends with its turn,
 * and counts as a child of the client, which does nothing else then.
 */
const processesOf = {
  sealpost: ['worker', 'postgres', 'temporal', 'client'],
  parameters: ['worker', 'postgres', 'temporal', 'client'],
  nodemailer: ['nodemailer'],
  smtpSource: ['client'],
} as const;

type Side = 'sealpost' | 'nodemailer';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Medians over the rounds; CPU and memory are null where they cannot be told. */
export interface Summary {
  messages: number;
  sizeKb: BenchOptions['size'];
  processes: number;
  dkim?: NonNullable<BenchOptions['dkim']>;
  sealpost: {
    messagesPerSecond: number;
    cpuSecondsPer1000: number | null;
    eventsPerMessage: number;
    /** The most that one worker process has held at any time, the analyses included. */
    workerRssMb: number | null;
    /** Of all worker processes, in the first half of a sending and in all of it. */
    workerMemory: { firstHalfMb: number; wholeMb: number } | null;
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
  usage: { name: string; turn: Side; cpuSecondsPer1000: number; rssMb: number }[] | null;
  seen: { [side in Side]?: Seen };
  smtpSource?: PostfixSummary;
  parameters?: ParametersSummary;
  held?: readonly HoldFigures[];
  where?: { part: Part; share: number; cpuSecondsPer1000: number }[];
}

/** All three sides onto the same smtp-sink. */
export interface PostfixSummary {
  messagesPerSecond: number;
  cpuSecondsPer1000: number | null;
  sealpost: { messagesPerSecond: number; cpuSecondsPer1000: number | null; ratio: number };
  nodemailerPool: { messagesPerSecond: number; cpuSecondsPer1000: number | null; ratio: number };
  rounds: { sealpost: number; nodemailerPool: number; smtpSource: number }[];
}

/** With all parameters on, and without, in rounds of their own. */
export interface ParametersSummary {
  messagesPerSecond: number;
  cpuSecondsPer1000: number | null;
  bare: { messagesPerSecond: number; cpuSecondsPer1000: number | null };
  /** With over without. */
  ratio: number;
  rounds: { bare: number; parameters: number }[];
}

const known = (value: number) => (usageIsKnown ? value : null);

type Settings = Pick<BenchOptions, 'messages' | 'size' | 'processes' | 'dkim'>;

export function summarise(settings: Settings, rounds: readonly RoundFigures[]): Summary {
  const { messages, size, processes, dkim } = settings;
  const { rate, cpu, of } = medians(messages, rounds);
  const workers = rounds.map(({ sealpost }) => processIn(sealpost.usage, 'worker'));
  const memory = {
    firstHalfMb: Math.max(...workers.map(({ rssMbInFirstHalf }) => rssMbInFirstHalf)),
    wholeMb: Math.max(...workers.map(({ rssMb }) => rssMb)),
  };
  return {
    messages,
    sizeKb: size,
    processes,
    ...(dkim && { dkim }),
    sealpost: {
      messagesPerSecond: rate('sealpost'),
      cpuSecondsPer1000: cpu('sealpost'),
      eventsPerMessage: of(({ sealpost }) => sealpost.events / messages),
      workerRssMb: known(Math.max(...workers.map(({ rssMbOfOne }) => rssMbOfOne))),
      workerMemory: usageIsKnown ? memory : null,
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
    usage: usageIsKnown
      ? (['sealpost', 'nodemailer'] as const).flatMap((side) => perProcess(messages, rounds, side))
      : null,
    seen: seenIn(rounds.at(-1)),
  };
}

export function summarisePostfix(messages: number, rounds: readonly PostfixRoundFigures[]): PostfixSummary {
  const { rate, cpu } = medians(messages, rounds);
  const of = (side: keyof PostfixRoundFigures) => ({ messagesPerSecond: rate(side), cpuSecondsPer1000: cpu(side) });
  const beside = (side: Side) => ({ ...of(side), ratio: rate(side) / rate('smtpSource') });
  return {
    ...of('smtpSource'),
    sealpost: beside('sealpost'),
    nodemailerPool: beside('nodemailer'),
    rounds: rounds.map(({ sealpost, nodemailer, smtpSource }) => ({
      sealpost: messages / sealpost.seconds,
      nodemailerPool: messages / nodemailer.seconds,
      smtpSource: messages / smtpSource.seconds,
    })),
  };
}

export function summariseParameters(messages: number, rounds: readonly ParametersRoundFigures[]): ParametersSummary {
  const { rate, cpu } = medians(messages, rounds);
  return {
    messagesPerSecond: rate('parameters'),
    cpuSecondsPer1000: cpu('parameters'),
    bare: { messagesPerSecond: rate('sealpost'), cpuSecondsPer1000: cpu('sealpost') },
    ratio: rate('parameters') / rate('sealpost'),
    rounds: rounds.map(({ sealpost, parameters }) => ({
      bare: messages / sealpost.seconds,
      parameters: messages / parameters.seconds,
    })),
  };
}

/** @param parts - CPU seconds of the worker in one turn */
export function summariseWhere(
  messages: number,
  parts: readonly { part: Part; cpuSeconds: number }[],
): NonNullable<Summary['where']> {
  const all = parts.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  return parts.map(({ part, cpuSeconds }) => ({
    part,
    share: cpuSeconds / all,
    cpuSecondsPer1000: (1_000 * cpuSeconds) / messages,
  }));
}

function medians<Round extends Record<Sides, TurnFigures>, Sides extends keyof typeof processesOf & keyof Round>(
  messages: number,
  rounds: readonly Round[],
) {
  const of = (pick: (round: Round) => number) => median(rounds.map(pick));
  return {
    of,
    rate: (side: Sides) => of((round) => messages / round[side].seconds),
    cpu: (side: Sides) => known(of((round) => (1_000 * cpuOf(round[side].usage, side)) / messages)),
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

function cpuOf(usage: TurnUsage, side: keyof typeof processesOf): number {
  return processesOf[side].reduce((sum, name) => sum + processIn(usage, name).cpuSeconds, 0);
}

function processIn(usage: TurnUsage, name: string): ProcessFigures {
  const none = { name, cpuSeconds: 0, rssMb: 0, rssMbInFirstHalf: 0, rssMbOfOne: 0 };
  return usage.processes.find((one) => one.name === name) ?? none;
}

function seenIn(round: RoundFigures | undefined): Summary['seen'] {
  return {
    ...(round?.sealpost.seen && { sealpost: round.sealpost.seen }),
    ...(round?.nodemailer.seen && { nodemailer: round.nodemailer.seen }),
  };
}
