import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';

/**
 * Stages of a session. Each is asked before the relay answers, but `body`, which comes with the first bytes after
 * `354`, and `accepted`, which comes after the 250 to the dot went out.
 */
export type RelayStage =
  'connect' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'body' | 'dot' | 'accepted' | 'rset' | 'quit';

interface RelayContext {
  /** Which connection, from 1. */
  connection: number;
  /** Which transaction on it, from 1; 0 before the first MAIL. */
  transaction: number;
  /** The command's line, or what stands for it. */
  line: string;
  sender: string;
  recipient: string;
  /** Known at `dot` and after. */
  messageId: string;
  /** What the client has said already, after what is asked about. */
  ahead: string;
}

/**
 * A full reply (`'550 5.1.1 no such user'`; lines joined by CRLF), bytes that are written as they are, or undefined for
 * what a friendly relay says. Or no answer: `'drop'` cuts the connection without a word (FIN), `'reset'` in the rough
 * way (RST), `'half-close'` goes on to listen, `'hang'` too, and says nothing.
 */
export type RelayAnswer = string | { raw: string } | undefined;

export interface ScriptedRelayOptions {
  /** May return a promise: the session waits for it, which holds a message at a stage. */
  on?: ((stage: RelayStage, context: RelayContext) => RelayAnswer | Promise<RelayAnswer>) | undefined;
  /** EHLO keywords. */
  extensions?: readonly string[];
  /** Speak TLS: from the first byte, or when the client says STARTTLS. */
  tls?: { certificate: string; key: string; from: 'start' | 'starttls' } | undefined;
  /** Keep the bytes of accepted messages in `messages`. */
  keep?: boolean;
  /** Hears of each message that is taken, before its reply leaves. */
  onTaken?: (message: AcceptedMessage) => void;
  /** To listen on, where a relay comes back; a free one where it is left out. */
  port?: number;
  /** Another address of this machine to listen on, such as `127.0.0.2`: hosts of several domains have one port. */
  address?: string;
}

interface AcceptedMessage {
  sender: string;
  recipient: string;
  messageId: string;
  /** Dot-unstuffed. */
  bytes: Buffer;
  /** As in the context. */
  connection: number;
}

export interface ScriptedRelay {
  /** Such as `smtp://127.0.0.1:1025?tls=none`. */
  url: string;
  port: number;
  /**
   * How often each Message-ID was taken. A message counts as taken when its final dot arrived and was not refused: also
   * where the script then drops or hangs, which is the case that RFC 1047 is about.
   */
  received: Map<string, number>;
  /** With `keep`. */
  messages: AcceptedMessage[];
  /** Connections so far, and open now. */
  connections(): { total: number; open: number };
  close(): Promise<void>;
}

/** Starts a relay, on an ephemeral port of 127.0.0.1 unless told otherwise, that does what the script says, and otherwise takes everything. */
export async function startScriptedRelay(options: ScriptedRelayOptions = {}): Promise<ScriptedRelay> {
  const received = new Map<string, number>();
  const messages: AcceptedMessage[] = [];
  const sockets = new Set<net.Socket>();
  let total = 0;
  const take = (message: AcceptedMessage) => {
    received.set(message.messageId, (received.get(message.messageId) ?? 0) + 1);
    if (options.keep === true) messages.push(message);
    options.onTaken?.(message);
  };
  const serve = (socket: net.Socket) => {
    total += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    void new Session(socket, total, options, take).serve();
  };
  const server =
    options.tls?.from === 'start'
      ? tls.createServer({ noDelay: true, cert: options.tls.certificate, key: options.tls.key }, serve)
      : net.createServer({ noDelay: true, allowHalfOpen: true }, serve);
  const { address = '127.0.0.1' } = options;
  server.listen(options.port ?? 0, address);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    url: `smtp://${address}:${port}?tls=none`,
    port,
    received,
    messages,
    connections: () => ({ total, open: sockets.size }),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const silences: ReadonlySet<string> = new Set(['drop', 'reset', 'half-close', 'hang']);

const endOfData = Buffer.from('\r\n.\r\n');

/** One client's connection. Commands may arrive pipelined (RFC 2920); they are answered one after the other. */
class Session {
  readonly #context: RelayContext;
  #inTransaction = false;
  #input: Buffer = Buffer.alloc(0);
  #chunks: AsyncIterator<Buffer>;

  constructor(
    private socket: net.Socket,
    connection: number,
    private readonly options: ScriptedRelayOptions,
    private readonly take: (message: AcceptedMessage) => void,
  ) {
    this.#context = { connection, transaction: 0, line: '', sender: '', recipient: '', messageId: '', ahead: '' };
    this.#chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async serve(): Promise<void> {
    try {
      if ((await this.#answer('connect', '220 scripted.test ESMTP')) === 'over') return;
      for (let line = await this.#readLine(); line !== undefined; line = await this.#readLine()) {
        if ((await this.#command(line)) === 'over') return;
      }
    } catch {
      // The client went away.
    }
    this.socket.destroy();
  }

  async #command(line: string): Promise<'on' | 'over'> {
    const context = this.#context;
    context.line = line;
    const verb = line.slice(0, 4).toUpperCase();
    const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
    switch (verb) {
      case 'EHLO':
        return this.#answer(
          'ehlo',
          ['scripted.test', ...this.#extensions()]
            .map((word, i, all) => `250${i === all.length - 1 ? ' ' : '-'}${word}`)
            .join('\r\n'),
        );
      case 'HELO':
        return this.#say('250 scripted.test');
      case 'STAR': {
        if (this.options.tls?.from !== 'starttls') return this.#say('502 5.5.1 not known here');
        const went = await this.#answer('starttls', '220 2.0.0 go on');
        if (went === 'on') this.#startTls(this.options.tls);
        return went;
      }
      case 'AUTH':
        return this.#answer('auth', '235 2.7.0 welcome');
      case 'MAIL':
        context.transaction += 1;
        context.recipient = '';
        context.sender = address;
        return this.#answer('mail', this.#inTransaction ? '503 5.5.1 nested MAIL' : '250 2.1.0 ok', (said) => {
          this.#inTransaction ||= said.startsWith('2');
        });
      case 'RCPT':
        context.recipient = address;
        return this.#answer('rcpt', this.#inTransaction ? '250 2.1.5 ok' : '503 5.5.1 MAIL first', (said) => {
          if (!said.startsWith('2')) context.recipient = '';
        });
      case 'DATA':
        return this.#data();
      case 'RSET':
        return this.#answer('rset', '250 2.0.0 ok', () => (this.#inTransaction = false));
      case 'QUIT':
        await this.#answer('quit', '221 2.0.0 bye');
        this.socket.end();
        return 'over';
      default:
        return this.#say('502 5.5.1 not known here');
    }
  }

  #extensions(): readonly string[] {
    const { extensions = ['PIPELINING', 'SMTPUTF8'], tls: security } = this.options;
    const offersTls = security?.from === 'starttls' && !(this.socket instanceof tls.TLSSocket);
    return offersTls ? [...extensions, 'STARTTLS'] : extensions;
  }

  #startTls({ certificate, key }: { certificate: string; key: string }): void {
    this.socket = new tls.TLSSocket(this.socket, { isServer: true, cert: certificate, key });
    this.socket.on('error', () => undefined);
    this.#chunks = this.socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async #data(): Promise<'on' | 'over'> {
    const context = this.#context;
    let begun = false;
    const friendly = context.recipient === '' ? '503 5.5.1 no valid recipients' : '354 go on';
    const went = await this.#answer('data', friendly, (said) => (begun = said.startsWith('354')));
    if (went === 'over' || !begun) return went;
    if (this.#input.length === 0 && !(await this.#readMore())) return 'over';
    if ((await this.#ask('body')) === 'over') return 'over';
    const bytes = await this.#readMessage();
    if (!bytes) return 'over';
    this.#inTransaction = false;
    context.messageId = /^Message-ID:\s*(\S+)/im.exec(bytes.toString('latin1'))?.[1] ?? '';
    const { sender, recipient, messageId, connection } = context;
    const message = { sender, recipient, messageId, bytes, connection };
    const answer = await this.#script('dot');
    const said = (typeof answer === 'object' ? answer.raw : answer) ?? '250 2.0.0 queued';
    if (said.startsWith('2') || silences.has(said)) this.take(message);
    const after = await this.#obey(answer, '250 2.0.0 queued');
    return after === 'over' ? 'over' : this.#ask('accepted');
  }

  /** Asks the script, then says its reply or ours. */
  async #answer(stage: RelayStage, friendly: string, onReply?: (said: string) => void): Promise<'on' | 'over'> {
    const answer = await this.#script(stage);
    onReply?.((typeof answer === 'object' ? answer.raw : answer) ?? friendly);
    return this.#obey(answer, friendly);
  }

  /** Asks the script at a stage where a friendly relay says nothing. */
  async #ask(stage: RelayStage): Promise<'on' | 'over'> {
    const answer = await this.#script(stage);
    return answer === undefined ? 'on' : this.#obey(answer, '');
  }

  async #script(stage: RelayStage): Promise<RelayAnswer> {
    return await this.options.on?.(stage, { ...this.#context, ahead: this.#input.toString('latin1') });
  }

  async #obey(answer: RelayAnswer, friendly: string): Promise<'on' | 'over'> {
    if (answer === 'drop' || answer === 'reset') {
      if (answer === 'reset') this.socket.resetAndDestroy();
      else this.socket.destroy();
      return 'over';
    }
    if (answer === 'hang' || answer === 'half-close') {
      if (answer === 'half-close') this.socket.end();
      while (await this.#readMore()) this.#input = Buffer.alloc(0);
      return 'over';
    }
    if (typeof answer !== 'object') return this.#say(answer ?? friendly);
    this.socket.write(answer.raw);
    return 'on';
  }

  #say(reply: string): 'on' | 'over' {
    this.socket.write(`${reply}\r\n`);
    return 'on';
  }

  async #readMore(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done === true) return false;
    this.#input = this.#input.length === 0 ? value : Buffer.concat([this.#input, value]);
    return true;
  }

  async #readLine(): Promise<string | undefined> {
    let end = this.#input.indexOf('\r\n');
    while (end < 0) {
      if (!(await this.#readMore())) return undefined;
      end = this.#input.indexOf('\r\n');
    }
    const line = this.#input.toString('utf8', 0, end);
    this.#input = this.#input.subarray(end + 2);
    return line;
  }

  async #readMessage(): Promise<Buffer | undefined> {
    let end = this.#input.indexOf(endOfData);
    while (end < 0) {
      if (!(await this.#readMore())) return undefined;
      end = this.#input.indexOf(endOfData);
    }
    const stuffed = this.#input.toString('latin1', 0, end + 2);
    this.#input = this.#input.subarray(end + endOfData.length);
    return Buffer.from(stuffed.replace(/^\.\./gm, '.'), 'latin1');
  }
}
