import type { Command } from 'commander';
import { awaitStillness } from '../client/await-stillness.js';
import type { Delivery, Stillness } from '../client/index.js';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';
import { CliError } from './failures.js';
import { plural, timeText } from '../wording/terminal-text.js';

const commands = [
  {
    name: 'pause',
    act: 'pause',
    summary: 'let nothing more leave until resume',
    done: (id: string) => `Delivery "${id}" is paused.`,
  },
  {
    name: 'resume',
    act: 'resume',
    summary: 'go on after a pause',
    done: (id: string) => `Delivery "${id}" goes on.`,
  },
  {
    name: 'stop',
    act: 'stop',
    summary: 'end a delivery for good; what has not left is canceled',
    done: (id: string) => `Delivery "${id}" is stopped for good: what has not left is canceled.`,
  },
  {
    name: 'dry-run',
    act: 'dryRun',
    summary: 'ask the relay about each recipient of the sealed target, and send nothing',
    done: (id: string) =>
      `The relay is asked about each recipient of "${id}"; nothing is sent. "sealpost messages ${id} --dry-run" tells what it says.`,
  },
  {
    name: 'stop-analysis',
    act: 'stopAnalysis',
    summary: 'end the analysis that is under way, and leave nothing of it',
    done: (id: string) => `The analysis of delivery "${id}" is stopped: nothing of it stays.`,
  },
  {
    name: 'start-analysis',
    act: 'startAnalysis',
    summary: 'analyse the current revision again: after a stop, errors or a rejection',
    done: (id: string) => `Delivery "${id}" is analysed again.`,
  },
] as const;

/** Those that hold only once what had begun is seen through. */
const waits: ReadonlySet<string> = new Set(['pause', 'stop']);

const patienceMs = 10_000;

interface Options extends CommonOptions {
  yes?: boolean;
}

/** `pause`, `resume`, `stop` and the like: the same act with another word. */
export function registerSteering(program: Command, cli: Cli): void {
  for (const { name, act, summary, done } of commands) {
    const command = addCommand(program, `${name} <delivery>`, summary, [
      `sealpost ${name} 2026-11-winter-news --operator publisher`,
    ]);
    byOperator(command)
      .option('--comment <text>', 'why; it stays in the journal')
      .action(async (id: string, options: Options) => {
        const who = await by(cli, options);
        await withDelivery(cli, id, async (delivery) => {
          if (name === 'stop' && !options.yes && !options.json) await askBeforeStop(cli, delivery);
          const result = await delivery[act](who);
          const still =
            waits.has(name) && result.state === 'accepted' ? await awaitStillness(delivery, patienceMs) : undefined;
          const told = [done(id), ...(still ? [stillnessText(still)] : [])].join(' ');
          tellResult(cli, options, { id, ...result, ...still }, told);
        });
      });
    if (name === 'stop') command.option('--yes', 'without asking; nobody is asked without a terminal, or with --json');
  }
}

export function stillnessText({ phase, since, lastSentAt }: Stillness): string {
  if (since !== undefined)
    return `Nothing of it is under way since ${timeText(since)}${lastSentAt === undefined ? '' : `; the last message left at ${timeText(lastSentAt)}`}.`;
  if (phase === 'sending' || phase === 'paused')
    return 'No other message begins; those that a relay is still taking are seen through.';
  return 'No message of it had begun to leave.';
}

/** There is no way back: a person at a terminal says it twice. @throws CliError `REFUSED` */
export async function askBeforeStop(
  { terminal }: Pick<Cli, 'terminal'>,
  delivery: Pick<Delivery, 'id' | 'progress'>,
): Promise<void> {
  if (!terminal.interactive) return;
  const { phase, ended, total, settled } = await delivery.progress();
  if (ended) return;
  terminal.print(
    `Delivery "${delivery.id}" is ${phase}; ${plural(total - settled, 'message')} would be canceled, and nothing brings it back.`,
  );
  const answer = await terminal.ask('Type "stop" to stop it for good: ');
  if (answer?.toLowerCase() !== 'stop') throw new CliError('REFUSED', 'Nothing was stopped.');
}
