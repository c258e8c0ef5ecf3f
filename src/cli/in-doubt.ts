import { InvalidArgumentError, Option, type Command } from 'commander';
import { resolutionVerdicts, type Resolution, type ResolutionVerdict } from '../delivery/resolution.js';
import { addCommand, by, byOperator, withDelivery, type Cli, type CommonOptions } from './command.js';
import { tellResult } from './command-result.js';
import { CliError } from './failures.js';
import { listMessages } from './messages.js';
import { plural } from '../wording/terminal-text.js';

interface Options extends CommonOptions {
  resolve?: ResolutionVerdict;
  messages?: Resolution['messages'];
}

const done: Record<ResolutionVerdict, string> = {
  sent: 'counted as sent',
  resend: 'sent once more, with the same Message-ID: who has the first copy gets a second one',
  'give-up': 'given up: they count as failed',
};

export function registerInDoubt(program: Command, cli: Cli): void {
  const command = addCommand(
    program,
    'in-doubt <delivery>',
    'list messages of which nobody knows whether the relay took them, and decide on them',
    [
      'sealpost in-doubt 2026-11-winter-news',
      'sealpost in-doubt 2026-11-winter-news --resolve sent --messages 12,40-45 --operator approver --comment "in the relay\'s log"',
      'sealpost in-doubt 2026-11-winter-news --resolve resend --messages all --operator approver',
    ],
  )
    .addOption(
      new Option('--resolve <verdict>', 'sent: the relay had them; resend; give-up: leave it').choices(
        resolutionVerdicts,
      ),
    )
    .option('--messages <numbers>', 'which: "all", or their seq such as 12,40-45', numbersOption)
    .option('--comment <text>', 'why; it stays in the journal');
  byOperator(command).action((id: string, options: Options) => inDoubt(cli, id, options));
}

async function inDoubt(cli: Cli, id: string, options: Options): Promise<void> {
  const { resolve: verdict, messages } = options;
  if (verdict === undefined && messages === undefined) {
    return await listMessages(cli, id, { ...options, status: ['in-doubt'] });
  }
  if (verdict === undefined || messages === undefined) {
    throw new CliError('USAGE', 'A decision needs both: --resolve says what, --messages says which of them.');
  }
  const who = await by(cli, options);
  const result = await withDelivery(cli, id, (one) => one.resolveInDoubt({ ...who, verdict, messages }));
  const counted = plural(result.messages ?? 0, 'message');
  const accepted = `Delivery "${id}": ${counted} in doubt ${result.messages === 1 ? 'is' : 'are'} ${done[verdict]}.`;
  tellResult(cli, options, { id, ...result }, accepted);
}

/** `12,40-45` as numbers. */
function numbersOption(text: string): Resolution['messages'] {
  if (text === 'all') return 'all';
  const numbers = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(part) ?? [];
    const count = Number(last) - Number(first) + 1;
    if (first === undefined || count < 1 || count > 10_000) {
      throw new InvalidArgumentError('It must be "all", or numbers and ranges such as 12,40-45.');
    }
    return Array.from({ length: count }, (_, n) => Number(first) + n);
  });
  if (numbers.length > 10_000) throw new InvalidArgumentError('It must name 10,000 messages at the most, or "all".');
  return numbers;
}
