import { availableParallelism } from 'node:os';
import type { Summary } from './figures.js';

/** What Sealpost has to reach. */
const floor = { ratio: 1, eventsPerMessage: 0.02 };

/** @returns the figures for a person to read */
export function describeSummary(summary: Summary, conditions: readonly string[]): string {
  const { sealpost, nodemailerPool, ratio, seen } = summary;
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
    '',
    ...roundsTable(summary),
    ...processTable(summary),
    '',
    `Ratio ${ratio.toFixed(2)} (floor ${floor.ratio}: ${verdict(ratio >= floor.ratio)}); ` +
      `events ${sealpost.eventsPerMessage.toFixed(4)} (floor ${floor.eventsPerMessage}: ${verdict(sealpost.eventsPerMessage <= floor.eventsPerMessage)})`,
    '',
  ].join('\n');
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

function processTable({ processes }: Summary): string[] {
  if (!processes) return ['', 'CPU and memory are told on Linux only.'];
  const inTurn = (turn: 'sealpost' | 'nodemailer', name: string) =>
    processes.find((one) => one.turn === turn && one.name === name);
  const names = processes.filter(({ turn }) => turn === 'sealpost').map(({ name }) => name);
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
  ownSink: boolean;
  /** Milliseconds. */
  delay: number;
  inMemory: boolean;
  profiled: boolean;
  /** The largest share of the machine's CPUs that something else took in any turn. */
  otherWork: number;
}

/** More than this and the figures say as much about the machine's other work as about the two sides. */
const quiet = 0.1;

/** What a reader must know to judge the figures. */
export function conditionsOf(facts: Facts): string[] {
  return [
    `Node ${process.version}, ${process.platform}, ${availableParallelism()} CPUs; fsync and synchronous_commit on`,
    ...(facts.ownSink
      ? []
      : [
          'Sent to a server of your own: nobody counted Message-IDs, the ledger and nodemailer are taken at their word.',
        ]),
    ...(facts.delay > 0 ? [`The sink took ${facts.delay} ms on average to answer a message.`] : []),
    ...(facts.otherWork > quiet
      ? [`Other programs took up to ${Math.round(100 * facts.otherWork)} % of the CPUs: repeat it on a quiet machine.`]
      : []),
    ...(facts.inMemory ? ['The ledger stood in memory (tmpfs): commits were cheaper than on a disk.'] : []),
    ...(facts.profiled ? ['The worker was profiled, which slows it down.'] : []),
  ];
}

const percent = (share: number | undefined) => (share === undefined ? '–' : `${Math.round(100 * share)} %`);
const whole = (value: number) => Math.round(value).toLocaleString('en');
const seconds = (value: number | null) => (value === null ? '–' : value.toFixed(3));
const bytes = (seen: { bytesPerMessage: number } | undefined) => (seen ? whole(seen.bytesPerMessage) : '–');
const verdict = (met: boolean) => (met ? 'met' : 'MISSED');

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
