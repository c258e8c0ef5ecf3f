import { availableParallelism } from 'node:os';
import type { ParametersSummary, PostfixSummary, Summary } from './figures.js';
import type { BenchOptions } from './options.js';

/** What Sealpost has to reach: rates beside the other sides', and limits. */
const floor = {
  ratio: 1,
  parametersRatio: 0.8,
  smtpSourceRatio: 0.4,
  eventsPerMessage: 0.02,
  workerRssMb: 250,
  holdsAfterMs: 1_000,
};

/** Below, a delivery's own few events outweigh those of its batches. */
const enoughForEvents = 20_000;

/** @returns the figures for a person to read */
export function describeSummary(summary: Summary, conditions: readonly string[]): string {
  const { sealpost, nodemailerPool, seen, smtpSource, parameters, held, where } = summary;
  const sides = table([
    ['', 'Sealpost', "nodemailer's pool"],
    ['messages/s', whole(sealpost.messagesPerSecond), whole(nodemailerPool.messagesPerSecond)],
    ['CPU s per 1,000 messages', seconds(sealpost.cpuSecondsPer1000), seconds(nodemailerPool.cpuSecondsPer1000)],
    ['workflow events per message', sealpost.eventsPerMessage.toFixed(4), '–'],
    ['bytes per message', bytes(seen.sealpost), bytes(seen.nodemailer)],
    ['connections', String(seen.sealpost?.connections ?? '–'), String(seen.nodemailer?.connections ?? '–')],
  ]);
  return [
    `${summary.messages} messages a round, medians of ${summary.rounds.length}`,
    ...conditions,
    '',
    ...sides,
    '',
    `Before the confirmation: ${sealpost.submissionSeconds.toFixed(1)} s to store, ${sealpost.analysisSeconds.toFixed(1)} s to analyse.`,
    `The workflow had ended ${sealpost.finishedAfterSeconds.toFixed(1)} s after the confirmation.`,
    ...memoryLines(summary),
    '',
    ...roundsTable(summary),
    ...processTable(summary),
    ...(smtpSource ? smtpSourceTable(smtpSource) : []),
    ...(parameters ? parametersTable(parameters) : []),
    ...(held ? heldTable(held) : []),
    ...(where ? whereTable(where) : []),
    '',
    ...verdicts(summary),
    '',
  ].join('\n');
}

function memoryLines({ sealpost: { workerRssMb, workerMemory }, processes }: Summary): string[] {
  if (workerRssMb === null || workerMemory === null) return [];
  const { firstHalfMb, wholeMb } = workerMemory;
  const who = processes === 1 ? 'The worker' : `The ${processes} worker processes together`;
  return [
    `${who} held ${whole(firstHalfMb)} MB at most in the first half of a sending, ${whole(wholeMb)} MB in all of it; one process never more than ${whole(workerRssMb)} MB, the analyses included.`,
  ];
}

function verdicts({ messages, ratio, sealpost, smtpSource, parameters, held = [] }: Summary): string[] {
  const { eventsPerMessage, workerRssMb } = sealpost;
  const lines: (readonly [figure: string, demand: string, met: boolean])[] = [
    [`${ratio.toFixed(2)} times the rate of nodemailer's pool`, `at least ${floor.ratio}`, ratio >= floor.ratio],
  ];
  if (messages >= enoughForEvents) {
    const most = floor.eventsPerMessage;
    const figure = `${eventsPerMessage.toFixed(4)} workflow events per message`;
    lines.push([figure, `at most ${most}`, eventsPerMessage <= most]);
  }
  if (smtpSource) {
    const { ratio: reached } = smtpSource.sealpost;
    const least = floor.smtpSourceRatio;
    lines.push([`${reached.toFixed(2)} times the rate of smtp-source`, `at least ${least}`, reached >= least]);
  }
  if (parameters) {
    const least = floor.parametersRatio;
    const figure = `${parameters.ratio.toFixed(2)} of the rate with all parameters on`;
    lines.push([figure, `at least ${least}`, parameters.ratio >= least]);
  }
  for (const { command, holdsAfterMs } of held) {
    const most = floor.holdsAfterMs;
    lines.push([`a ${command} holds after ${whole(holdsAfterMs)} ms`, `at most ${most}`, holdsAfterMs <= most]);
  }
  if (workerRssMb !== null) {
    const most = floor.workerRssMb;
    lines.push([`${whole(workerRssMb)} MB in a worker process`, `at most ${most}`, workerRssMb <= most]);
  }
  return lines.map(([figure, demand, met]) => `${met ? 'met' : 'MISSED'}: ${figure} (${demand})`);
}

function smtpSourceTable(summary: PostfixSummary): string[] {
  const row = (name: string, side: PostfixSummary['sealpost'] | PostfixSummary, ratio: number) => [
    name,
    whole(side.messagesPerSecond),
    seconds(side.cpuSecondsPer1000),
    ratio.toFixed(2),
  ];
  return [
    '',
    ...table([
      ['onto smtp-sink', 'messages/s', 'CPU s per 1,000', 'beside smtp-source'],
      row('Sealpost', summary.sealpost, summary.sealpost.ratio),
      row("nodemailer's pool", summary.nodemailerPool, summary.nodemailerPool.ratio),
      row('smtp-source -d', summary, 1),
    ]),
    '',
    ...table([
      ['round', 'Sealpost/s', 'nodemailer/s', 'smtp-source/s'],
      ...summary.rounds.map((round, i) => [
        String(i + 1),
        whole(round.sealpost),
        whole(round.nodemailerPool),
        whole(round.smtpSource),
      ]),
    ]),
  ];
}

function parametersTable({ bare, rounds, ratio, ...on }: ParametersSummary): string[] {
  return [
    '',
    ...table([
      ['parameters', 'messages/s', 'CPU s per 1,000', 'ratio'],
      ['as before', whole(bare.messagesPerSecond), seconds(bare.cpuSecondsPer1000), ''],
      ['all on', whole(on.messagesPerSecond), seconds(on.cpuSecondsPer1000), ratio.toFixed(2)],
    ]),
    '',
    ...table([
      ['round', 'as before/s', 'all on/s'],
      ...rounds.map((round, i) => [String(i + 1), whole(round.bare), whole(round.parameters)]),
    ]),
  ];
}

function heldTable(held: NonNullable<Summary['held']>): string[] {
  return [
    '',
    ...table([
      ['command', 'messages/s before it', 'holds after'],
      ...held.map(({ command, rate, holdsAfterMs }) => [command, whole(rate), `${whole(holdsAfterMs)} ms`]),
    ]),
  ];
}

function whereTable(where: NonNullable<Summary['where']>): string[] {
  return [
    '',
    ...table([
      ['where the worker’s time goes', 'share', 'CPU s per 1,000'],
      ...where.map(({ part, share, cpuSecondsPer1000 }) => [part, percent(share), seconds(cpuSecondsPer1000)]),
    ]),
  ];
}

function roundsTable({ rounds }: Summary): string[] {
  return table([
    ['round', 'Sealpost/s', 'nodemailer/s', 'ratio', 'CPU gone to others', "(in nodemailer's turn)"],
    ...rounds.map((round, i) => [
      String(i + 1),
      whole(round.sealpost),
      whole(round.nodemailerPool),
      round.ratio.toFixed(2),
      percent(round.otherWork?.sealpost),
      percent(round.otherWork?.nodemailer),
    ]),
  ]);
}

function processTable({ usage }: Summary): string[] {
  if (!usage) return ['', 'CPU and memory are told on Linux only.'];
  const inTurn = (turn: 'sealpost' | 'nodemailer', name: string) =>
    usage.find((one) => one.turn === turn && one.name === name);
  const names = usage.filter(({ turn }) => turn === 'sealpost').map(({ name }) => name);
  return [
    '',
    ...table([
      ['process', 'CPU s per 1,000', 'MB at most', "in nodemailer's turn", 'MB at most'],
      ...names.map((name) => {
        const [own, other] = [inTurn('sealpost', name), inTurn('nodemailer', name)];
        return [
          name,
          seconds(own?.cpuSecondsPer1000 ?? null),
          whole(own?.rssMb ?? 0),
          seconds(other?.cpuSecondsPer1000 ?? null),
          whole(other?.rssMb ?? 0),
        ];
      }),
    ]),
  ];
}

interface Facts {
  options: BenchOptions;
  inMemory: boolean;
  /** The largest share of the machine's CPUs that something else took in any turn. */
  otherWork: number;
}

/** More than this and the figures say as much about the machine's other work as about the sides. */
const quiet = 0.1;

/** What a reader must know to judge the figures. */
export function conditionsOf({ options, inMemory, otherWork }: Facts): string[] {
  const { sink, delay, dkim, processes, connections, smtpSource } = options;
  const sentences: (string | false)[] = [
    `Node ${process.version}, ${process.platform}, ${availableParallelism()} CPUs; fsync and synchronous_commit on`,
    dkim === 'rsa' && 'Both sides signed every message with DKIM (RSA-2048).',
    dkim === 'ed25519' &&
      'Sealpost signed every message with DKIM (Ed25519). nodemailer has no Ed25519: its side sent unsigned.',
    processes > 1 &&
      `Sealpost ran ${processes} worker processes with ${connections / processes} connections each; nodemailer's pool is one process, with ${connections}.`,
    sink !== undefined &&
      'Sent to a server of your own: nobody counted Message-IDs, the ledger and nodemailer are taken at their word.',
    delay > 0 && `The sink took ${delay} ms on average to answer a message.`,
    smtpSource &&
      `smtp-source sent the same message over and over, ${dkim ? 'unsigned, ' : ''}its text as long as Sealpost's whole messages. smtp-sink counts messages, and no Message-IDs.`,
    otherWork > quiet &&
      `Other programs took up to ${Math.round(100 * otherWork)} % of the CPUs: repeat it on a quiet machine.`,
    inMemory && 'The ledger stood in memory (tmpfs): commits were cheaper than on a disk.',
  ];
  return sentences.filter((sentence) => sentence !== false);
}

const percent = (share: number | undefined) => (share === undefined ? '–' : `${Math.round(100 * share)} %`);
const whole = (value: number) => Math.round(value).toLocaleString('en');
const seconds = (value: number | null) => (value === null ? '–' : value.toFixed(3));
const bytes = (seen: { bytesPerMessage: number } | undefined) => (seen ? whole(seen.bytesPerMessage) : '–');

/** The first column to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2)))
      .join('')
      .trimEnd(),
  );
}
