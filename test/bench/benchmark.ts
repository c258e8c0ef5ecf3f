import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { Sealpost } from '../../src/client/index.js';
import type { DataFolder } from '../../src/local/data-folder.js';
import { ChildProgram } from './child-program.js';
import type { Cleanup } from './cleanup.js';
import type { RoundFigures, TurnFigures } from './figures.js';
import { writeNewsletter } from './newsletter.js';
import type { NodemailerReply, NodemailerRequest } from './nodemailer-pool.js';
import type { BenchOptions } from './options.js';
import type { WatchedProcess } from './process-usage.js';
import { analyse, confirmAndSend } from './sealpost-turn.js';
import { startServers, type Servers } from './servers.js';
import type { SinkReport, SinkRequest } from './sink.js';
import { watchTurn } from './watched-turn.js';
import { startWorker, type BenchWorker } from './worker.js';
import { countWorkflowEvents } from './workflow-events.js';

type Sink = ChildProgram<SinkRequest, SinkReport>;
type Nodemailer = ChildProgram<NodemailerRequest, NodemailerReply>;

/** Enough for the engine to have compiled what is called for each message. */
const warmUpMessages = 500;
const progressEveryMs = 1_000;
/** Longer than any of the two keeps a connection that has nothing to do. */
const quietWithinMs = 15_000;

interface Parts {
  options: BenchOptions;
  report: (text: string) => void;
  newsletter: string;
  servers: Servers;
  worker: BenchWorker;
  /** Undefined where somebody else's server takes the messages. */
  sink: Sink | undefined;
  target: { host: string; port: number };
  nodemailer: Nodemailer;
  sealpost: Sealpost;
  temporal: Client;
  /** No turn begins any more when it is aborted. */
  signal: AbortSignal;
}

/** Everything that takes part, running; and one round after the other. */
export class Benchmark {
  private constructor(private readonly parts: Parts) {}

  static async start(
    options: BenchOptions,
    folder: DataFolder,
    cleanup: Cleanup,
    report: (text: string) => void,
    signal: AbortSignal,
  ): Promise<Benchmark> {
    const newsletter = join(folder.path, 'newsletter');
    await writeNewsletter(newsletter, options.messages);
    await writeNewsletter(`${newsletter}-warm-up`, Math.min(warmUpMessages, options.messages));
    const servers = await startServers(folder, cleanup, report, signal);
    const sink = options.sink ? undefined : added<Sink>(cleanup, new ChildProgram('./sink.js'));
    const target = options.sink ?? {
      host: '127.0.0.1',
      port: (await sink?.ask({ kind: 'delay', milliseconds: options.delay }))?.port ?? 0,
    };
    const host = target.host.includes(':') ? `[${target.host}]` : target.host;
    const worker = await cleanup.started(
      startWorker(servers, {
        home: folder.path,
        log: folder.workerLog,
        smtpUrl: `smtp://${host}:${target.port}?connections=${options.connections}&tls=none`,
        nodeOptions: options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`],
      }),
    );
    const nodemailer = added<Nodemailer>(cleanup, new ChildProgram('./nodemailer-pool.js'));
    // Not closed at the end: the SDK would throw for a call that it is about to repeat, and this process ends anyway.
    const { databaseUrl, temporalAddress } = servers;
    const sealpost = Sealpost.connect({ databaseUrl, temporalAddress, temporalNamespace: 'default', env: {} });
    const connection = await Connection.connect({ address: temporalAddress });
    const temporal = new Client({ connection });
    return new Benchmark({
      options,
      report,
      newsletter,
      servers,
      worker,
      sink,
      target,
      nodemailer,
      sealpost,
      temporal,
      signal,
    });
  }

  /** Both sides once in small, uncounted: neither pays for the first messages of its process. */
  async warmUp(): Promise<void> {
    const folder = `${this.parts.newsletter}-warm-up`;
    const messages = Math.min(warmUpMessages, this.parts.options.messages);
    await this.sealpostTurn('warm-up', folder, messages);
    await this.nodemailerTurn('warm-up', folder, messages);
  }

  /** Who begins changes from round to round. */
  async round(n: number): Promise<RoundFigures> {
    const { newsletter, options } = this.parts;
    const name = `round-${n}`;
    if (n % 2 === 1) {
      const sealpost = await this.sealpostTurn(name, newsletter, options.messages);
      return { sealpost, nodemailer: await this.nodemailerTurn(name, newsletter, options.messages) };
    }
    const nodemailer = await this.nodemailerTurn(name, newsletter, options.messages);
    return { nodemailer, sealpost: await this.sealpostTurn(name, newsletter, options.messages) };
  }

  private async sealpostTurn(name: string, folder: string, messages: number): Promise<RoundFigures['sealpost']> {
    const { report, sealpost, servers, temporal, worker, signal } = this.parts;
    signal.throwIfAborted();
    const turn = async (): Promise<RoundFigures['sealpost']> => {
      report(`${name}: Sealpost analyses`);
      const { figures, ...analysed } = await analyse(sealpost, folder, name);
      const { result, ...measured } = await this.measure(`${name}: Sealpost`, messages, () =>
        confirmAndSend(servers, analysed),
      );
      if (result.sent !== messages) throw new Error(`${name}: the ledger says sent of ${result.sent} of ${messages}`);
      const events = await countWorkflowEvents(temporal, name);
      return { ...measured, ...figures, seconds: result.seconds, untilFinished: result.untilFinished, events };
    };
    return await Promise.race([turn(), worker.failure]);
  }

  private async nodemailerTurn(name: string, folder: string, messages: number): Promise<TurnFigures> {
    const { nodemailer, target, options, report, signal } = this.parts;
    signal.throwIfAborted();
    report(`${name}: rendering for nodemailer`);
    await nodemailer.ask({ kind: 'prepare', folder, messages });
    const { result, ...measured } = await this.measure(`${name}: nodemailer's pool`, messages, () =>
      nodemailer.ask({ kind: 'send', ...target, connections: options.connections }),
    );
    if (result.sent !== messages) throw new Error(`${name}: nodemailer has sent ${result.sent} of ${messages}`);
    return { ...measured, seconds: result.seconds };
  }

  /** Watches one side send, and demands that every message arrived once. */
  private async measure<Result extends { seconds: number }>(
    name: string,
    messages: number,
    work: () => Promise<Result>,
  ): Promise<{ result: Result; usage: TurnFigures['usage']; seen?: NonNullable<TurnFigures['seen']> }> {
    const { sink, report } = this.parts;
    if (sink) await connectionsClosed(sink);
    await sink?.ask({ kind: 'reset' });
    const timer = setInterval(() => {
      sink?.ask({ kind: 'report' }).then(
        (seen) => report(`${name}: ${seen.messages} of ${messages}`),
        () => undefined,
      );
    }, progressEveryMs);
    try {
      const { result, usage } = await watchTurn(this.watched(), work);
      report(`${name}: ${messages} in ${result.seconds.toFixed(1)} s`);
      const seen = await sink?.ask({ kind: 'report' });
      if (!seen) return { result, usage };
      demandOnce(name, messages, seen);
      return {
        result,
        usage,
        seen: { bytesPerMessage: Math.round(seen.bytes / messages), connections: seen.connections },
      };
    } finally {
      clearInterval(timer);
    }
  }

  private watched(): WatchedProcess[] {
    const { servers, worker, sink, nodemailer } = this.parts;
    return [
      { name: 'worker', pid: worker.pid, children: true },
      ...servers.processes,
      { name: 'client', pid: process.pid, children: false },
      ...(sink ? [{ name: 'sink', pid: sink.pid, children: false }] : []),
      { name: 'nodemailer', pid: nodemailer.pid, children: false },
    ];
  }

  get inMemory(): boolean {
    return this.parts.servers.inMemory;
  }
}

/** Each side opens its connections within its own time. */
async function connectionsClosed(sink: Sink): Promise<void> {
  const until = Date.now() + quietWithinMs;
  while ((await sink.ask({ kind: 'report' })).open > 0) {
    if (Date.now() > until) throw new Error('connections to the sink stay open between two turns');
    await sleep(100);
  }
}

function demandOnce(name: string, messages: number, seen: SinkReport): void {
  if ([seen.messages, seen.messageIds, seen.recipients].every((count) => count === messages)) return;
  throw new Error(
    `${name}: ${seen.messages} messages arrived, with ${seen.messageIds} Message-IDs for ${seen.recipients} recipients; ${messages} were to arrive once each. This round proves nothing`,
  );
}

function added<Part extends { stop(): Promise<void> }>(cleanup: Cleanup, part: Part): Part {
  cleanup.add(() => part.stop());
  return part;
}
