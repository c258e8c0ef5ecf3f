import type { Command } from 'commander';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { CliError } from './failures.js';
import { countOption } from './option-values.js';

interface Options extends CommonOptions {
  message?: number;
  messageId?: string;
}

export function registerMirror(program: Command, cli: Cli): void {
  addCommand(program, 'mirror <delivery>', 'the address where one message can be seen in a browser', [
    'sealpost mirror 2026-11-winter-news --message 12',
    "sealpost mirror 2026-11-winter-news --message-id '<0f6c…@shop.example>'",
  ])
    .option('--message <number>', 'its seq in the ledger', countOption)
    .option('--message-id <id>', 'its Message-ID, as the recipient’s mail program shows it')
    .addHelpText('after', '\nWho has the address can read the message: give it to its recipient alone.')
    .action((id: string, options: Options) => mirror(cli, id, options));
}

async function mirror(cli: Cli, id: string, { message: seq, messageId, json }: Options): Promise<void> {
  if ((seq === undefined) === (messageId === undefined)) {
    throw new CliError('USAGE', 'Name the message: either --message or --message-id.');
  }
  const name = seq === undefined ? { messageId: messageId ?? '' } : { seq };
  const found = await withDelivery(cli, id, (delivery) => delivery.mirrorPage(name));
  if (json) cli.terminal.json({ id, ...found });
  else cli.terminal.print(found.url);
}
