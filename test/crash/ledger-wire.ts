import type net from 'node:net';
import { readBind, type LedgerStatement } from './ledger-statements.js';
import { PostgresFrames } from './postgres-frames.js';
import { openWire, type Address, type Onward, type Wire } from './wire.js';

export interface LedgerHooks {
  /** A statement of the sending path is about to reach the server; it waits for what this returns. */
  before: (statement: LedgerStatement) => Promise<Onward> | undefined;
  /** It is committed (`ReadyForQuery` has come), and the worker has not heard of it; the answer waits. */
  after: (statement: LedgerStatement, rows: number) => Promise<Onward> | undefined;
}

/** A wire to Postgres that knows the statements of the sending path, which are committed one by one. */
export function openLedgerWire(to: Address, hooks: LedgerHooks): Promise<Wire> {
  return openWire(to, (client, server) => {
    const session = new Session(client, server, hooks);
    void session.carry();
  });
}

class Session {
  private running: { statement: LedgerStatement; rows: number; answer: Buffer[] } | undefined;

  constructor(
    private readonly client: net.Socket,
    private readonly server: net.Socket,
    private readonly hooks: LedgerHooks,
  ) {}

  async carry(): Promise<void> {
    try {
      await Promise.race([this.carryOut(), this.carryBack()]);
    } catch {
      // One end went away.
    }
    this.client.destroySoon();
    this.server.destroySoon();
  }

  private async carryOut(): Promise<void> {
    const frames = new PostgresFrames('client');
    for await (const chunk of this.client as AsyncIterable<Buffer>) {
      for (const { type, body, bytes } of frames.push(chunk)) {
        const statement = type === 'B' ? readBind(body) : undefined;
        if (statement) {
          if ((await this.hooks.before(statement)) === 'drop') return this.tear();
          this.running = { statement, rows: 0, answer: [] };
        }
        this.server.write(bytes);
      }
    }
  }

  private async carryBack(): Promise<void> {
    const frames = new PostgresFrames('server');
    for await (const chunk of this.server as AsyncIterable<Buffer>) {
      for (const { type, bytes } of frames.push(chunk)) {
        const { running } = this;
        if (!running) {
          this.client.write(bytes);
          continue;
        }
        running.answer.push(bytes);
        if (type === 'D') running.rows += 1;
        if (type !== 'Z') continue;
        this.running = undefined;
        if ((await this.hooks.after(running.statement, running.rows)) === 'drop') return this.tear();
        this.client.write(Buffer.concat(running.answer));
      }
    }
  }

  private tear(): void {
    this.client.destroy();
    this.server.destroy();
  }
}
