import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildProgram } from './child-program.js';
import type { SmtpSink } from './postfix-programs.js';
import type { WatchedProcess } from './process-usage.js';
import type { SinkReport, SinkRequest } from './sink.js';

/** Average size on the wire, and most connections at a time. */
export interface Seen {
  bytesPerMessage: number;
  connections: number;
}

/** A server that all sides send to, and what it can tell. */
export interface Receiver {
  host: string;
  port: number;
  /** Undefined where it is somebody else's. */
  process: WatchedProcess | undefined;
  /** Before each turn. */
  begin(): Promise<void>;
  /** Messages since then; undefined where nobody counts. */
  arrived(): Promise<number | undefined>;
  /**
   * @param turn - for the error
   * @param signed - whether each message must have a DKIM-Signature
   * @throws Error unless every message arrived once, as far as that can be told
   */
  demand(turn: string, messages: number, signed: boolean): Promise<Seen | undefined>;
}

/** Longer than any of the sides keeps a connection that has nothing to do. */
const quietWithinMs = 15_000;

/** The benchmark's own. */
export async function ownSink(sink: ChildProgram<SinkRequest, SinkReport>, delay: number): Promise<Receiver> {
  const { port } = await sink.ask({ kind: 'delay', milliseconds: delay });
  const report = () => sink.ask({ kind: 'report' });
  return {
    host: '127.0.0.1',
    port,
    process: { name: 'sink', pid: sink.pid, children: false },
    begin: async () => {
      // Each side opens its connections within its own time.
      for (const until = Date.now() + quietWithinMs; (await report()).open > 0; await sleep(100)) {
        if (Date.now() > until) throw new Error('connections to the sink stay open between two turns');
      }
      await sink.ask({ kind: 'reset' });
    },
    arrived: async () => (await report()).messages,
    demand: async (turn, messages, signed) => {
      const seen = await report();
      demandOnce(turn, messages, seen);
      if (signed && seen.signed !== messages)
        throw new Error(`${turn}: ${seen.signed} of ${messages} messages were signed. This round proves nothing`);
      return { bytesPerMessage: Math.round(seen.bytes / messages), connections: seen.connections };
    },
  };
}

function demandOnce(turn: string, messages: number, seen: SinkReport): void {
  if ([seen.messages, seen.messageIds, seen.recipients].every((count) => count === messages)) return;
  throw new Error(
    `${turn}: ${seen.messages} messages arrived, with ${seen.messageIds} Message-IDs for ${seen.recipients} recipients; ${messages} were to arrive once each. This round proves nothing`,
  );
}

/** Postfix's: it counts messages and looks at none. */
export function postfixSink(sink: SmtpSink): Receiver {
  let before = 0;
  const arrived = () => Promise.resolve(sink.messages() - before);
  return {
    host: '127.0.0.1',
    port: sink.port,
    process: { name: 'smtp-sink', pid: sink.pid, children: false },
    begin: () => {
      before = sink.messages();
      return Promise.resolve();
    },
    arrived,
    demand: async (turn, messages) => {
      const count = await arrived();
      if (count === messages) return undefined;
      throw new Error(`${turn}: ${count} messages arrived at smtp-sink, not ${messages}. This round proves nothing`);
    },
  };
}

/** Somebody else's. */
export function foreignServer(target: { host: string; port: number }): Receiver {
  return {
    ...target,
    process: undefined,
    begin: () => Promise.resolve(),
    arrived: () => Promise.resolve(undefined),
    demand: () => Promise.resolve(undefined),
  };
}
