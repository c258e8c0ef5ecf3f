import { relative } from 'node:path';
import type { Command } from 'commander';
import type { MessageStatus } from '../client/index.js';
import { openStatuses } from '../delivery/message-status.js';
import type { Phase } from '../delivery/phase.js';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { author, deciders, freshId } from './demo-cast.js';
import { addDemoOperators } from './demo-operators.js';
import { demoStack, type DemoStack } from './demo-stack.js';
import { keysFolder } from './environment.js';
import { CliError } from './failures.js';
import type { Outcome } from './demo-steps.js';
import { packageFile } from '../client/package-file.js';
import { stopSignals } from './stop-signals.js';

interface Options extends CommonOptions {
  yes?: boolean;
  definition?: string;
}

export function registerDemo(program: Command, cli: Cli): void {
  addCommand(program, 'demo', 'one delivery on this machine, from its files to the last recipient’s final status', [
    'sealpost demo',
    'sealpost demo --yes --definition examples/winter-news',
  ])
    .option('--definition <file>', 'a definition file or its folder, in place of the example')
    .option('--yes', 'confirm without asking, as a second operator')
    .action((options: Options) => demo(cli, options));
}

/** What the demo came to; on standard output with `--json`. */
interface DemoResult extends Outcome {
  id: string;
  phase: Phase;
  seal: string;
}

async function demo(cli: Cli, options: Options): Promise<void> {
  if (!options.yes && !cli.terminal.interactive) {
    throw new CliError(
      'USAGE',
      'The demo asks for a decision and there is no terminal to ask on: add --yes to confirm by itself.',
    );
  }
  const definition = options.definition ?? packageFile('examples/winter-news');
  const stop = stopSignals(() => cli.terminal.warn('Still stopping.'));
  let stack: DemoStack | undefined;
  try {
    const narrated = options.json ? { ...cli, terminal: cli.terminal.aside() } : cli;
    narrated.terminal.print('Sealpost: bulk e-mail that a person signs off. One delivery goes the whole way.');
    stack = await demoStack(narrated, stop.signal);
    const result = await deliver(narrated, stack, { definition, yes: options.yes ?? false, signal: stop.signal });
    if (options.json) cli.terminal.json(result);
    judge(result);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    throw new CliError('INTERRUPTED', 'The demo was stopped. What it has started stays as it is: sealpost list', {
      cause: error,
    });
  } finally {
    await stack?.stop();
    stop.release();
  }
}

async function deliver(
  cli: Cli,
  stack: DemoStack,
  { definition, yes, signal }: { definition: string; yes: boolean; signal: AbortSignal },
): Promise<DemoResult> {
  const { terminal } = cli;
  const [{ Sealpost }, { messageIdsOf }, steps] = await Promise.all([
    import('../client/index.js'),
    import('./inbox-check.js'),
    import('./demo-steps.js'),
  ]);
  const sealpost = Sealpost.connect({ env: { ...stack.env, SEALPOST_KEYS: keysFolder(cli.env) } });
  try {
    await addDemoOperators(cli, sealpost, [author]);
    const delivery = await sealpost.start(definition, { operator: author, id: freshId(definition, new Date()) });
    terminal.heading(`Delivery ${delivery.id}`);
    terminal.print(`Submitted by operator "${author}" from ${shortPath(definition)}.`);
    const description = await delivery.show();
    await addDemoOperators(cli, sealpost, deciders(description));
    const { revision } = description;
    const messageIdFor = await messageIdsOf(stack.databaseUrl, delivery.id, revision);
    const { inboxFolder } = stack;
    const demo = { cli, delivery, signal, messageIdFor, ...(inboxFolder === undefined ? {} : { inboxFolder }) };
    const known = await steps.showParameters(demo);
    await steps.showProofs(demo);
    const analysed = await steps.showAnalysis(demo, known);
    await steps.decide(demo, analysed, yes);
    const { phase } = await steps.showSending(demo);
    const outcome = await steps.showOutcome(demo);
    terminal.print('', `Everything about it: sealpost show ${delivery.id}`);
    return { id: delivery.id, phase, seal: analysed.seal ?? '', ...outcome };
  } finally {
    await sealpost.close();
  }
}

/** @throws CliError where somebody has no final status, or the inbox says something else than the ledger */
function judge({ phase, tally, check }: DemoResult): void {
  if (phase !== 'finished') throw new CliError('CHECK_FAILED', `The delivery is ${phase}, not finished.`);
  const open = tally.filter(({ status }) => (openStatuses as readonly MessageStatus[]).includes(status));
  if (open.length > 0) throw new CliError('CHECK_FAILED', 'Some recipients have no final status.');
  if (check && check.faultCount > 0)
    throw new CliError('CHECK_FAILED', 'The inbox does not hold what the ledger says.');
}

/** As a person in this folder would write it. */
function shortPath(path: string): string {
  const way = relative(process.cwd(), path);
  return way === '' || way.startsWith('..') ? path : way;
}
