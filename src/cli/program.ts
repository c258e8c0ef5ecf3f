import { Command, CommanderError } from 'commander';
import type { Cli } from './command.js';
import { describeFailure, exitCodes } from './failures.js';
import { registerAddressLists } from './address-lists.js';
import { registerAudit } from './audit.js';
import { registerCheck } from './check.js';
import { registerConfirm } from './confirm.js';
import { registerConsole } from './console.js';
import { registerDemo } from './demo.js';
import { registerDkim } from './dkim.js';
import { registerEnv } from './env.js';
import { registerHistory } from './history.js';
import { registerInDoubt } from './in-doubt.js';
import { registerInbox } from './inbox.js';
import { registerLanes } from './lanes.js';
import { registerList } from './list.js';
import { registerMessages } from './messages.js';
import { registerMigrate } from './migrate.js';
import { registerOperators } from './operators.js';
import { packageVersion } from '../client/package-file.js';
import { registerMirror } from './mirror.js';
import { registerPreview } from './preview.js';
import { registerProof } from './proof.js';
import { registerRate } from './rate.js';
import { registerReject } from './reject.js';
import { registerRevise } from './revise.js';
import { registerReschedule } from './reschedule.js';
import { registerRules } from './rules.js';
import { registerShow } from './show.js';
import { registerStart } from './start.js';
import { registerSteering } from './steering.js';
import { registerText } from './text.js';
import { registerUp } from './up.js';
import { registerWatch } from './watch.js';
import { registerWeb } from './web.js';
import { registerWithdraw } from './withdraw.js';
import { registerWorker } from './worker.js';

/** In the order in which people need them. */
const registrations = [
  registerDemo,
  registerUp,
  registerEnv,
  registerCheck,
  registerRules,
  registerPreview,
  registerText,
  registerStart,
  registerWatch,
  registerShow,
  registerConfirm,
  registerReject,
  registerWithdraw,
  registerRevise,
  registerReschedule,
  registerProof,
  registerSteering,
  registerRate,
  registerList,
  registerMessages,
  registerInDoubt,
  registerAddressLists,
  registerOperators,
  registerMirror,
  registerHistory,
  registerAudit,
  registerInbox,
  registerWorker,
  registerLanes,
  registerWeb,
  registerConsole,
  registerDkim,
  registerMigrate,
];

const help = `
Begin with:
  sealpost demo                  the whole way once, on this machine
  sealpost up                    a stack of your own that keeps running

Exit codes: 0 done, 1 refused or failed, 2 wrong usage or bad input, 3 a server cannot be reached.
With SEALPOST_DEBUG=1, errors show where they come from.`;

/** @returns the exit code */
export async function runCli(args: readonly string[], cli: Cli): Promise<number> {
  try {
    await makeProgram(cli).parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    return report(error, args, cli);
  }
}

function makeProgram(cli: Cli): Command {
  const program = new Command('sealpost')
    .description('Bulk e-mail that a person signs off: checked, proofed, sealed, confirmed, sent.')
    .version(packageVersion(), '--version', 'show the version')
    .helpCommand('help [command]', 'show a command with its options and an example')
    .addHelpText('after', help)
    .exitOverride()
    // Or the options of `proof list` would count as those of `proof`, which has the same ones.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => cli.terminal.print(...text.trimEnd().split('\n')),
      writeErr: (text) => cli.terminal.warn(...text.trimEnd().split('\n')),
      // Reported with all others, as JSON where that is wanted.
      outputError: () => undefined,
    });
  for (const register of registrations) register(program, cli);
  return program;
}

function report(error: unknown, args: readonly string[], { env, terminal }: Cli): number {
  // Without a command commander has shown the help; there is nothing to add.
  if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage;
  const { exitCode, code, message, faults } = describeFailure(error);
  if (args.includes('--json')) terminal.jsonError({ error: { code, message, ...(faults && { faults }) } });
  else terminal.warn(...message.split('\n').map((line, i) => (i === 0 ? `sealpost: ${line}` : `  ${line}`)));
  if (env['SEALPOST_DEBUG'] === '1') terminal.warn(...stackOf(error).split('\n'));
  return exitCode;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(error.cause)}`;
}
