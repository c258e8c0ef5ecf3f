import type net from 'node:net';
import { readBind, type LedgerStatement } from './ledger-statements.js';
import { PostgresFrames } from './postgres-frames.js';
import { openWire, type Address, type Onward, type Wire } from './wire.js';

export interface LedgerHooks {
  /**
   * A statement of the sending path is about to reach the server; it waits for what this returns. `overtake`: the worker
   * loses its connection now, and the server gets the statement when `overtaken` resolves.
   */
  before: (statement: LedgerStatement) => Promise<Onward | 'overtake'> | undefined;
  overtaken: Promise<unknown>;
  /** An overtaken statement has been carried out. */
  carriedOut: () => void;
  /** It is committed (`ReadyForQuery` has come), and the worker has not heard of it; the answer waits. */
  after: (statement: LedgerStatement, rows: number) => Promise<Onward> | undefined;
}

/** A wire to Postgres that knows the statements of the sending path, which are committed one by one. */
export function openLedgerWire(to: Address, hooks: LedgerHooks): Promise<Wire> {
  return openWire(to, (client, server) => void new Session(client, server, hooks).carry());
}

class Session {
  private running: { statement: LedgerStatement; rows: number; answer: Buffer[] } | undefined;
  /** The frames of a statement that the worker will not hear of. */
  private overtaken: Buffer[] | undefined;

  constructor(
    private readonly client: net.Socket,
    private readonly server: net.Socket,
    private readonly hooks: LedgerHooks,
  ) {
    client.on('close', () => this.overtaken ?? server.destroySoon());
    server.on('close', () => client.destroySoon());
  }

  async carry(): Promise<void> {
    const back = this.carryBack().catch(() => undefined);
    try {
      await this.carryOut();
    } catch {
      // One end went away.
    }
    if (this.overtaken) {
      await this.hooks.overtaken;
      this.server.write(Buffer.concat(this.overtaken));
      await back;
      this.hooks.carriedOut();
    }
    this.client.destroySoon();
    this.server.destroySoon();
  }

  private async carryOut(): Promise<void> {
    const frames = new PostgresFrames('client');
    for await (const chunk of this.client as AsyncIterable<Buffer>) {
      for (const { type, body, bytes } of frames.push(chunk)) {
        const statement = type === 'B' ? readBind(body) : undefined;
        const onward = statement && (await this.hooks.before(statement));
        if (onward === 'drop') return this.tear();
        if (onward === 'overtake') this.overtaken = [];
        else if (statement) this.running = { statement, rows: 0, answer: [] };
        if (this.overtaken) this.overtaken.push(bytes);
        else this.server.write(bytes);
        if (this.overtaken && type === 'S') return void this.client.destroy();
      }
    }
  }

  private async carryBack(): Promise<void> {
    const frames = new PostgresFrames('server');
    for await (const chunk of this.server as AsyncIterable<Buffer>) {
      for (const { type, bytes } of frames.push(chunk)) {
        const { running } = this;
        if (this.overtaken && type === 'Z') return;
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
