import type { Command } from 'commander';
import { addCommand, by, byOperator, type Cli, type CommonOptions } from './command.js';
import { namedDatabase, resolveEnvironment, runningStack } from './environment.js';
import { CliError } from './failures.js';

interface Options extends CommonOptions {
  publicUrl?: string;
}

export function registerInvite(group: Command, cli: Cli): void {
  byOperator(
    addCommand(group, 'invite <id>', 'make a link by which an operator comes into the console', [
      'sealpost operator invite anna --public-url https://console.garden.example',
    ]),
  )
    .option('--public-url <url>', 'what people call the console (default: that of the stack which runs here)')
    .addHelpText(
      'after',
      '\nThe link works once, and for an hour. It asks for a new password, or for a sign-in\nat the organisation’s provider. What let the operator in before holds until it is used.',
    )
    .action((id: string, options: Options) => inviteTo(cli, id, options));
}

async function inviteTo(cli: Cli, id: string, options: Options): Promise<void> {
  const { operator } = await by(cli, options);
  const base = options.publicUrl ?? runningStack(cli.env)?.consoleUrl ?? 'http://127.0.0.1:8090';
  const databaseUrl = namedDatabase(await resolveEnvironment(cli.env));
  const [{ openDatabase }, { findOperator }, { invite }, { translated }, { publicAddress }] = await Promise.all([
    import('../store/database.js'),
    import('../store/operators.js'),
    import('../web/access/invitations.js'),
    import('../client/failure-translation.js'),
    import('../web/access/public-url.js'),
  ]);
  const { url } = addressOf(() => publicAddress(base));
  const database = openDatabase(databaseUrl, 1);
  try {
    const path = await translated(async () => {
      const known = await findOperator(database, id);
      return known?.active ? await invite({ database, now: Date.now }, id, operator) : undefined;
    });
    if (path === undefined)
      throw new CliError('NOT_FOUND', `No operator "${id}" may act: "sealpost operator list" shows those who do.`);
    const link = `${url}${path}`;
    if (options.json) cli.terminal.json({ id, link }, 2);
    else cli.terminal.print(`For "${id}", within an hour and once:`, `  ${link}`);
  } finally {
    await database.end();
  }
}

function addressOf<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new CliError('USAGE', `${error.message}.`);
    throw error;
  }
}
