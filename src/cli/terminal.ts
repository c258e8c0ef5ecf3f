import { createInterface } from 'node:readline';
import { Writable, type Readable } from 'node:stream';
import { styleText } from 'node:util';
import { cut, jsonText, oneLine } from '../wording/terminal-text.js';

/** A stream as a process has it. */
type Output = Writable & { isTTY?: boolean; columns?: number };
type Input = Readable & { isTTY?: boolean };

export interface TerminalStreams {
  input: Input;
  output: Output;
  errors: Output;
  colour: boolean;
}

/** The terminal of a person, or the pipes of a script. Text is made safe here, whatever it came from. */
export class Terminal {
  private live = '';

  constructor(private readonly streams: TerminalStreams) {}

  /** The same terminal with everything on standard error, where standard output is for a program. */
  aside(): Terminal {
    return new Terminal({ ...this.streams, output: this.streams.errors, colour: false });
  }

  /** Whether a question would be read and answered. */
  get interactive(): boolean {
    return Boolean(this.streams.input.isTTY && this.streams.errors.isTTY);
  }

  /** Whether a line can be shown and changed. */
  get animated(): boolean {
    return Boolean(this.streams.output.isTTY);
  }

  get columns(): number {
    // A pseudo-terminal that nobody gave a size has 0.
    return this.streams.output.columns || 80;
  }

  /** Standard input, for what is no answer to a question. */
  bytes(): AsyncIterable<Uint8Array> {
    return this.streams.input;
  }

  /** Lines on standard output. */
  print(...lines: readonly string[]): void {
    const { live } = this;
    this.show('');
    this.streams.output.write(lines.map((line) => `${oneLine(line)}\n`).join(''));
    this.show(live);
  }

  heading(text: string): void {
    this.print('');
    this.streams.output.write(`${this.streams.colour ? styleText('bold', oneLine(text)) : oneLine(text)}\n`);
  }

  /** Lines on standard error. */
  warn(...lines: readonly string[]): void {
    this.show('');
    this.streams.errors.write(lines.map((line) => `${oneLine(line)}\n`).join(''));
  }

  json(value: unknown, indent?: number): void {
    this.streams.output.write(`${jsonText(value, indent)}\n`);
  }

  jsonError(value: unknown): void {
    this.streams.errors.write(`${jsonText(value)}\n`);
  }

  /** What comes out as it is, at the pace of whoever reads it. */
  async write(chunk: string | Buffer): Promise<void> {
    const { output } = this.streams;
    if (output.write(chunk)) return;
    await new Promise<void>((resolve) => {
      const goOn = () => {
        output.off('drain', goOn);
        output.off('close', goOn);
        resolve();
      };
      output.on('drain', goOn);
      output.on('close', goOn);
    });
  }

  /** A line that changes in place, on a terminal only; empty to take it away. */
  show(text: string): void {
    if (!this.animated) return;
    const line = cut(oneLine(text), this.columns - 1);
    if (line !== this.live) this.streams.output.write(`\r\x1b[K${line}`);
    this.live = line;
  }

  /** Asks without showing what is typed. */
  async askSecret(question: string): Promise<string | undefined> {
    const { input, errors } = this.streams;
    errors.write(oneLine(question));
    const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
    const silent = new Terminal({ ...this.streams, errors: Object.assign(unseen, { isTTY: true }), input });
    const answer = await silent.ask('');
    errors.write('\n');
    return answer;
  }

  /** @returns what the person typed, or undefined where the input ended or `signal` came */
  async ask(question: string, signal?: AbortSignal): Promise<string | undefined> {
    const { input, errors } = this.streams;
    const prompt = createInterface({ input, output: errors, terminal: Boolean(errors.isTTY) });
    let answered = false;
    return await new Promise<string | undefined>((resolve) => {
      // In its raw mode the terminal makes a key of Ctrl-C; everybody else expects a signal.
      prompt.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      prompt.on('close', () => {
        if (!answered) errors.write('\n');
        resolve(undefined);
      });
      signal?.addEventListener('abort', () => prompt.close(), { once: true });
      prompt.question(oneLine(question), (answer) => {
        answered = true;
        resolve(answer.trim());
        prompt.close();
      });
    });
  }
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin: input, stdout: output, stderr: errors, env } = process;
  // `sealpost messages … | head` closes the pipe early: that is no error.
  for (const stream of [output, errors]) {
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  }
  return new Terminal({ input, output, errors, colour: output.isTTY && !env['NO_COLOR'] });
}
