import { PassThrough } from 'node:stream';
import { Terminal } from '../../src/cli/terminal.js';

/** A terminal whose streams are kept for the test to look at. */
export function recordedTerminal(options: { tty?: boolean; typed?: string; columns?: number } = {}): {
  terminal: Terminal;
  out: () => string;
  err: () => string;
} {
  const isTTY = options.tty ?? false;
  const stream = () => Object.assign(new PassThrough(), { isTTY, columns: options.columns ?? 100 });
  const [input, output, errors] = [stream(), stream(), stream()];
  if (options.typed !== undefined) input.end(options.typed);
  const kept = { out: '', err: '' };
  output.on('data', (chunk: Buffer) => (kept.out += chunk.toString()));
  errors.on('data', (chunk: Buffer) => (kept.err += chunk.toString()));
  const terminal = new Terminal({ input, output, errors, colour: false });
  return { terminal, out: () => kept.out, err: () => kept.err };
}
