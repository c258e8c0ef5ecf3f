import { once } from 'node:events';
import type { Command } from 'commander';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { namedDatabase, resolveEnvironment, runningStack } from './environment.js';
import { CliError } from './failures.js';
import { portOption } from './option-values.js';
import { portTaken } from './port-taken.js';
import { stopSignals } from './stop-signals.js';
import { systemKeyOf, toldToPrograms } from './system-key.js';

interface ConsoleOptions extends CommonOptions {
  port: number;
  host: string;
  publicUrl?: string;
  trustProxy?: string[];
}

const words = (text: string): string[] => text.split(',').map((word) => word.trim());

export function registerConsole(program: Command, cli: Cli): void {
  addCommand(program, 'console', 'serve the operators’ console and its API', [
    'sealpost console',
    'sealpost console --host 0.0.0.0 --public-url https://console.garden.example --trust-proxy 10.0.0.0/8',
  ])
    .option('--port <port>', 'where it listens', portOption, 8090)
    .option('--host <address>', 'on which of this machine’s addresses', '127.0.0.1')
    .option('--public-url <url>', 'what people call it, where a proxy that speaks HTTPS stands before it')
    .option(
      '--trust-proxy <addresses>',
      'of proxies whose X-Forwarded headers count; with commas, also as 10.0.0.0/8',
      words,
    )
    .addHelpText(
      'after',
      '\nThe first start prints a link by which the first administrator is set up. "sealpost operator invite" lets in others,\nand so does an OpenID provider that the file of SEALPOST_OIDC describes (docs/console.md).\nIts log, JSON lines on standard error, holds no secrets and nobody’s address. Ctrl-C stops it.',
    )
    .action((options: ConsoleOptions) => serve(cli, options));
}

async function serve({ env, terminal }: Cli, options: ConsoleOptions): Promise<void> {
  const { port, host, publicUrl, trustProxy, json } = options;
  const resolved = await resolveEnvironment(env);
  const databaseUrl = namedDatabase(resolved);
  const [{ startConsole }, { providerFromEnvironment }, { translated }, { pino }] = await Promise.all([
    import('../web/console/server.js'),
    import('../web/access/provider-settings.js'),
    import('../client/failure-translation.js'),
    import('pino'),
  ]);
  const provider = providerFromEnvironment(env);
  const log = pino({ name: 'sealpost-console', base: {} }, pino.destination(2));
  const stop = stopSignals(() => terminal.warn('Still answering what is under way.'));
  try {
    const server = await translated(() =>
      startConsole({
        env: resolved,
        databaseUrl,
        host,
        port,
        publicUrl,
        ...(trustProxy && { trustProxy }),
        inboxFolder: env['SMTP_URL'] || env['DATABASE_URL'] ? undefined : runningStack(env)?.inboxFolder,
        provider,
        record: (request) => log.info(request, 'request'),
        systemKey: () => systemKeyOf(env).catch(toldToPrograms),
      }),
    ).catch((error: unknown) => {
      throw portTaken(error, port) ?? addressRefused(error) ?? error;
    });
    const { url, firstLink } = server;
    if (json) terminal.json({ event: 'ready', url, ...(firstLink !== undefined && { firstLink }) });
    else
      terminal.print(...(firstLink === undefined ? [] : firstLinkLines(firstLink)), `sealpost console ready at ${url}`);
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    await server.stop();
  } finally {
    stop.release();
  }
}

/** What to do with the link of the first administrator. */
export const firstLinkLines = (link: string): string[] => [
  'Nobody can sign in yet. Within an hour, set up the first administrator at',
  `  ${link}`,
];

function addressRefused(error: unknown): CliError | undefined {
  return error instanceof RangeError ? new CliError('USAGE', `${error.message}.`, { cause: error }) : undefined;
}
