import { once } from 'node:events';
import type { Command } from 'commander';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { namedDatabase, resolveEnvironment } from './environment.js';
import { portOption } from './option-values.js';
import { portTaken } from './port-taken.js';
import { stopSignals } from './stop-signals.js';

interface WebOptions extends CommonOptions {
  port: number;
  host: string;
}

export function registerWeb(program: Command, cli: Cli): void {
  addCommand(program, 'web', 'serve the public pages: where recipients unsubscribe and see messages in a browser', [
    'DATABASE_URL=postgres://… sealpost web --host 0.0.0.0 --port 8080',
  ])
    .option('--port <port>', 'where it listens', portOption, 8080)
    .option('--host <address>', 'on which of this machine’s addresses', '127.0.0.1')
    .addHelpText(
      'after',
      '\nPut it behind a proxy that speaks HTTPS, and name that address in definitions as unsubscribe.hosted and mirror.hosted. Its log, JSON lines on standard error, holds no tokens and no addresses. Ctrl-C stops it.',
    )
    .action((options: WebOptions) => serve(cli, options));
}

async function serve({ env, terminal }: Cli, { port, host, json }: WebOptions): Promise<void> {
  const databaseUrl = namedDatabase(await resolveEnvironment(env));
  const [{ startWebServer }, { translated }, { pino }] = await Promise.all([
    import('../web/server.js'),
    import('../client/failure-translation.js'),
    import('pino'),
  ]);
  const log = pino({ name: 'sealpost-web', base: {} }, pino.destination(2));
  const stop = stopSignals(() => terminal.warn('Still answering what is under way.'));
  try {
    const server = await translated(() =>
      startWebServer({ databaseUrl, host, port, record: (request) => log.info(request, 'request') }),
    ).catch((error: unknown) => {
      throw portTaken(error, port) ?? error;
    });
    if (json) terminal.json({ event: 'ready', url: server.url });
    else terminal.print(`sealpost web ready at ${server.url}`);
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    await server.stop();
  } finally {
    stop.release();
  }
}
