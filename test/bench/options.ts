import { Command, InvalidArgumentError } from 'commander';

export interface BenchOptions {
  messages: number;
  rounds: number;
  connections: number;
  /** Average, in milliseconds. */
  delay: number;
  json: boolean;
  /** In place of the benchmark's own sink. */
  sink?: { host: string; port: number };
  /** Folder for a CPU profile of the worker. */
  profile?: string;
}

/** Prints help or what is wrong, and ends the process, where the arguments ask for that. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const program = new Command('npm run bench --')
    .description(
      'Measures the whole system against nodemailer’s own pool: the same messages to the same sink, in turns.',
    )
    .option('--messages <n>', 'messages that each side sends in each round', wholeNumber, 20_000)
    .option('--rounds <n>', 'rounds; figures are medians', wholeNumber, 3)
    .option('--connections <n>', 'SMTP connections of each side', wholeNumber, 20)
    .option(
      '--delay <ms>',
      'how long the sink takes to answer a message, on average (exponentially distributed); a relay is not as fast as a sink',
      wholeNumber,
      0,
    )
    .option(
      '--sink <host:port>',
      'send to this SMTP server (no TLS, no login). It gets every message, to invented people in shop.example. Nobody counts Message-IDs then: the ledger’s "sent" must do',
      hostAndPort,
    )
    .option('--profile <folder>', 'write a CPU profile of the worker there; it slows the worker down')
    .option('--json', 'one JSON object on standard output instead of tables', false)
    .addHelpText(
      'after',
      `
Starts Temporal, Postgres, a worker, a sink and nodemailer in a temporary folder, and removes all of it, also at Ctrl-C.
Progress goes to standard error. CPU and memory are told on Linux only. docs/performance.md says how to read the figures.

Examples: npm run bench -- --messages 5000
          npm run --silent bench -- --json > figures.json`,
    );
  return program.parse(argv).opts<BenchOptions>();
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,7}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 99999999.');
  return Number(text);
}

function hostAndPort(text: string): { host: string; port: number } {
  const [, host, port] = /^(?:smtp:\/\/)?\[?([^[\]/@]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new InvalidArgumentError('It must be a host and a port, such as 127.0.0.1:2525.');
  }
  return { host, port: Number(port) };
}
