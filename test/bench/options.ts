import { Command, InvalidArgumentError, Option } from 'commander';
import { newsletterSizes, type NewsletterSize } from './newsletter.js';
import type { SigningAlgorithm } from './signing-key.js';

export interface BenchOptions {
  messages: number;
  rounds: number;
  /** Of each side, over all its processes. */
  connections: number;
  /** Sealpost's worker processes. */
  processes: number;
  size: NewsletterSize;
  dkim?: SigningAlgorithm;
  /** Average, in milliseconds. */
  delay: number;
  json: boolean;
  /** In place of the benchmark's own sink. */
  sink?: { host: string; port: number };
  /** Compare with Postfix's smtp-source, too. */
  smtpSource: boolean;
  /** As many rounds more: Sealpost with all parameters on, beside Sealpost as before. */
  parameters: boolean;
  /** An extra delivery that is paused, resumed and stopped while it is sent. */
  pause: boolean;
  /** An extra round with a profiled worker; a folder where the profiles are to stay. */
  profile?: true | string;
}

/** Prints help or what is wrong, and ends the process, where the arguments ask for that. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const program = new Command('npm run bench --')
    .description(
      'Measures the whole system against nodemailer’s own pool: the same messages to the same sink, in turns.',
    )
    .option('--messages <n>', 'messages that each side sends in each round', wholeNumber, 20_000)
    .option('--rounds <n>', 'rounds; figures are medians', wholeNumber, 3)
    .option('--connections <n>', 'SMTP connections of each side, over all its processes', wholeNumber, 20)
    .option(
      '--processes <n>',
      'run Sealpost’s worker with --processes; nodemailer’s pool is one process always',
      wholeNumber,
      1,
    )
    .option('--size <KB>', 'about so many KB a message: 1, 5 or 40', newsletterSize, 5)
    .addOption(
      new Option(
        '--dkim <algorithm>',
        'sign every message, with a key made for the run: RSA-2048 on both sides, or Ed25519 on Sealpost’s alone, for nodemailer has none',
      ).choices(['rsa', 'ed25519']),
    )
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
    .addOption(
      new Option(
        '--smtp-source',
        'after that, as many rounds more onto Postfix’s smtp-sink, with a third side: Postfix’s smtp-source -d',
      )
        .default(false)
        .conflicts('sink'),
    )
    .option(
      '--parameters',
      'after that, as many rounds more in which Sealpost sends the same with all parameters on that make a message dearer (personalised sender and headers, VERP, hosted pages, formats), beside Sealpost without them',
      false,
    )
    .addOption(
      new Option(
        '--pause',
        'after that, one delivery more that is paused, resumed and stopped at full rate: how soon that holds, and that nothing comes after',
      )
        .default(false)
        .conflicts('sink'),
    )
    .option(
      '--profile [folder]',
      'in the end, an extra round with a profiled worker: a table tells where its time goes. The profiles stay in the folder, if one is given, for Chrome’s developer tools',
    )
    .option('--json', 'one JSON object on standard output instead of tables', false)
    .addHelpText(
      'after',
      `
Starts Temporal, Postgres, a worker, a sink and nodemailer in a temporary folder, and removes all of it, also at Ctrl-C.
Progress goes to standard error. CPU and memory are told on Linux only. docs/performance.md says how to read the figures.

Examples: npm run bench -- --messages 5000
          npm run bench -- --messages 200000 --rounds 1 --processes 2
          npm run bench -- --dkim rsa --profile
          npm run bench -- --smtp-source
          npm run bench -- --parameters
          npm run --silent bench -- --json > figures.json`,
    );
  const options = program.parse(argv).opts<BenchOptions>();
  if (options.connections % options.processes !== 0) {
    program.error(
      `error: --connections ${options.connections} cannot be shared equally by ${options.processes} processes`,
    );
  }
  return options;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,7}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 99999999.');
  return Number(text);
}

function newsletterSize(text: string): NewsletterSize {
  const size = newsletterSizes.find((one) => String(one) === text);
  if (size === undefined) throw new InvalidArgumentError('It must be 1, 5 or 40.');
  return size;
}

function hostAndPort(text: string): { host: string; port: number } {
  const [, host, port] = /^(?:smtp:\/\/)?\[?([^[\]/@]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new InvalidArgumentError('It must be a host and a port, such as 127.0.0.1:2525.');
  }
  return { host, port: Number(port) };
}
