import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataFolder } from '../../src/local/data-folder.js';
import type { Cleanup } from './cleanup.js';
import type {
  ParametersRoundFigures,
  PostfixRoundFigures,
  RoundFigures,
  SealpostFigures,
  TurnFigures,
} from './figures.js';
import { holdMidway, type HoldFigures } from './held-turn.js';
import type { BenchOptions } from './options.js';
import { startParts, warmUpFor, type Parts, type Stage } from './parts.js';
import { runSmtpSource } from './postfix-programs.js';
import type { WatchedProcess } from './process-usage.js';
import type { Receiver } from './receivers.js';
import { analyse, confirmAndSend, operator } from './sealpost-turn.js';
import { watchTurn } from './watched-turn.js';
import type { BenchWorker } from './worker.js';
import { readProfiles, whereTimeGoes, type Part } from './worker-profile.js';
import { countWorkflowEvents } from './workflow-events.js';

const progressEveryMs = 1_000;

/** One turn of a side on a stage. */
interface Turn {
  name: string;
  stage: Stage;
  folder: string;
  messages: number;
}

/** One round after the other, each side in turn. */
export class Benchmark {
  private constructor(
    private readonly parts: Parts,
    private worker: BenchWorker,
  ) {}

  static async start(
    options: BenchOptions,
    folder: DataFolder,
    cleanup: Cleanup,
    report: (text: string) => void,
    signal: AbortSignal,
  ): Promise<Benchmark> {
    const parts = await startParts(options, folder, cleanup, report, signal);
    return new Benchmark(parts, await parts.startWorker());
  }

  /** Both sides once in small, uncounted: neither pays for the first messages of its process. */
  async warmUp(): Promise<void> {
    const turn = this.warmUpTurn('warm-up');
    await this.sealpostTurn(turn);
    await this.nodemailerTurn(turn);
  }

  async round(n: number): Promise<RoundFigures> {
    const turn = this.turn(`round-${n}`, this.parts.main);
    return await inTurns(n, {
      sealpost: () => this.sealpostTurn(turn),
      nodemailer: () => this.nodemailerTurn(turn),
    });
  }

  /**
   * The same to Postfix's sink, with Postfix's client as the third side.
   *
   * @param bytes - of each of that one's messages
   */
  async postfixRound(n: number, bytes: number): Promise<PostfixRoundFigures> {
    const { postfix } = this.parts;
    if (!postfix) throw new Error('there is no smtp-sink to send to');
    const turn = this.turn(`postfix-round-${n}`, postfix);
    return await inTurns(n, {
      sealpost: () => this.sealpostTurn(turn),
      nodemailer: () => this.nodemailerTurn(turn),
      smtpSource: () => this.smtpSourceTurn(turn, postfix.programs.source, bytes),
    });
  }

  /** Sealpost as it was, and with all parameters on. */
  async parametersRound(n: number): Promise<ParametersRoundFigures> {
    const { main, parameters } = this.parts;
    if (!parameters) throw new Error('there is no delivery with all parameters');
    return await inTurns(n, {
      sealpost: () => this.sealpostTurn(this.turn(`bare-round-${n}`, main)),
      parameters: () => this.sealpostTurn(this.turn(`parameters-round-${n}`, parameters)),
    });
  }

  /** One more delivery of Sealpost's, which is not sent to its end. */
  async heldTurn(): Promise<readonly HoldFigures[]> {
    const { report, sealpost, main, options } = this.parts;
    report('held: Sealpost analyses');
    const { delivery, seal } = await analyse(sealpost, main.newsletter, 'held');
    await main.receiver.begin();
    await delivery.decide({ operator, verdict: 'confirm', seal });
    return await Promise.race([holdMidway(delivery, main.receiver, options.messages), this.worker.failure]);
  }

  /**
   * One more turn of Sealpost's, with a worker that is profiled; it slows down by that, so no rate comes of it.
   *
   * @param keep - folder that gets the profiles
   * @returns CPU seconds of the worker, by what it spent them on
   */
  async profiledTurn(keep: string | undefined): Promise<{ part: Part; cpuSeconds: number }[]> {
    const { parts } = this;
    const folder = join(parts.home, 'profiles');
    await this.worker.stop();
    this.worker = await parts.startWorker(folder);
    await this.sealpostTurn(this.warmUpTurn('profiled-warm-up'));
    const { usage } = await this.sealpostTurn(this.turn('profiled', parts.main));
    // Only then the profiles are written.
    await this.worker.stop();
    if (keep !== undefined) await cp(folder, keep, { recursive: true });
    return whereTimeGoes(await readProfiles(folder), usage, usage.threads);
  }

  private turn(name: string, stage: Stage): Turn {
    return { name, stage, folder: stage.newsletter, messages: this.parts.options.messages };
  }

  private warmUpTurn(name: string): Turn {
    const { main, options } = this.parts;
    return { name, stage: main, folder: main.warmUp, messages: warmUpFor(options) };
  }

  private async sealpostTurn({ name, stage, folder, messages }: Turn): Promise<SealpostFigures> {
    const { report, sealpost, servers, temporal, signal, key } = this.parts;
    signal.throwIfAborted();
    const work = async (): Promise<SealpostFigures> => {
      report(`${name}: Sealpost analyses`);
      const { figures, ...analysed } = await analyse(sealpost, folder, name);
      const { result, ...measured } = await this.measure(
        { name: `${name}: Sealpost`, messages, receiver: stage.receiver, signed: key !== undefined },
        () => confirmAndSend(servers, analysed),
      );
      if (result.sent !== messages) throw new Error(`${name}: the ledger says sent of ${result.sent} of ${messages}`);
      const events = await countWorkflowEvents(temporal, name);
      return { ...measured, ...figures, seconds: result.seconds, untilFinished: result.untilFinished, events };
    };
    return await Promise.race([work(), this.worker.failure]);
  }

  private async nodemailerTurn({ name, stage, folder, messages }: Turn): Promise<TurnFigures> {
    const { nodemailer, options, report, signal } = this.parts;
    signal.throwIfAborted();
    // It has nothing but RSA, and would leave mail unsigned without a word.
    const key = options.dkim === 'rsa' ? this.parts.key : undefined;
    report(`${name}: rendering for nodemailer`);
    await nodemailer.ask({ kind: 'prepare', folder });
    const { host, port } = stage.receiver;
    const { result, ...measured } = await this.measure(
      { name: `${name}: nodemailer's pool`, messages, receiver: stage.receiver, signed: key !== undefined },
      () => nodemailer.ask({ kind: 'send', host, port, messages, connections: options.connections, key }),
    );
    if (result.sent !== messages) throw new Error(`${name}: nodemailer has sent ${result.sent} of ${messages}`);
    return { ...measured, seconds: result.seconds };
  }

  private async smtpSourceTurn({ name, stage, messages }: Turn, program: string, bytes: number): Promise<TurnFigures> {
    const { signal, options } = this.parts;
    signal.throwIfAborted();
    const { receiver } = stage;
    const { result, ...measured } = await this.measure(
      { name: `${name}: smtp-source`, messages, receiver, signed: false },
      () => runSmtpSource(program, { port: receiver.port, connections: options.connections, messages, bytes, signal }),
    );
    return { ...measured, seconds: result.seconds };
  }

  /** Watches one side send, and demands that every message arrived once. */
  private async measure<Result extends { seconds: number }>(
    { name, messages, receiver, signed }: { name: string; messages: number; receiver: Receiver; signed: boolean },
    work: () => Promise<Result>,
  ): Promise<{ result: Result } & Omit<TurnFigures, 'seconds'>> {
    const { report } = this.parts;
    await receiver.begin();
    const timer = setInterval(() => {
      receiver.arrived().then(
        (arrived) => arrived !== undefined && report(`${name}: ${arrived} of ${messages}`),
        () => undefined,
      );
    }, progressEveryMs);
    try {
      const { result, usage } = await watchTurn(this.watched(), work);
      report(`${name}: ${messages} in ${result.seconds.toFixed(1)} s`);
      const seen = await receiver.demand(name, messages, signed);
      return { result, usage, ...(seen && { seen }) };
    } finally {
      clearInterval(timer);
    }
  }

  private watched(): [WatchedProcess, ...WatchedProcess[]] {
    const { servers, nodemailer, main, postfix } = this.parts;
    return [
      { name: 'worker', pid: this.worker.pid, children: true },
      ...servers.processes,
      { name: 'client', pid: process.pid, children: false },
      ...[main, postfix].flatMap((stage) => stage?.receiver.process ?? []),
      { name: 'nodemailer', pid: nodemailer.pid, children: false },
    ];
  }

  get inMemory(): boolean {
    return this.parts.servers.inMemory;
  }
}

/** Who begins changes from round to round. */
async function inTurns<Figures extends object>(
  round: number,
  sides: { [Side in keyof Figures]: () => Promise<Figures[Side]> },
): Promise<Figures> {
  const names = Object.keys(sides) as (keyof Figures)[];
  const figures: Partial<Figures> = {};
  for (const i of names.keys()) {
    const name = names[(i + round - 1) % names.length];
    if (name !== undefined) figures[name] = await sides[name]();
  }
  return figures as Figures;
}
