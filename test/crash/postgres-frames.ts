export interface Frame {
  /** The type's letter; empty for the packets that begin a session. */
  type: string;
  body: Buffer;
  /** As it came, to be passed on. */
  bytes: Buffer;
}

const protocol3 = 196_608;

/** Cuts one direction of a Postgres connection (protocol 3, without TLS) into its messages, however they arrive. */
export class PostgresFrames {
  private rest: Buffer = Buffer.alloc(0);
  private begun: boolean;

  constructor(from: 'client' | 'server') {
    this.begun = from === 'server';
  }

  *push(chunk: Buffer): Generator<Frame> {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    for (;;) {
      const head = this.begun ? 1 : 0;
      if (this.rest.length < head + 4) return;
      const end = head + this.rest.readInt32BE(head);
      if (this.rest.length < end) return;
      const bytes = this.rest.subarray(0, end);
      this.rest = this.rest.subarray(end);
      const body = bytes.subarray(head + 4);
      // What may come before the start-up packet (a wish for TLS, a cancellation) looks like it and has another number.
      if (!this.begun) this.begun = body.readInt32BE(0) === protocol3;
      yield { type: head === 1 ? bytes.toString('latin1', 0, 1) : '', body, bytes };
    }
  }
}
