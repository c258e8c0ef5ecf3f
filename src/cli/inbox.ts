import type { Command } from 'commander';
import { dataFolder } from '../local/data-folder.js';
import { listInbox, readInboxMessage, type InboxMessage } from '../local/inbox-files.js';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { runningStack } from './environment.js';
import { CliError } from './failures.js';
import { countOption } from './option-values.js';
import type { InboxMail } from './inbox-mail.js';
import { fieldLines, tableLines } from './terminal-text.js';

interface ListOptions extends CommonOptions {
  limit: number;
}

interface ShowOptions extends CommonOptions {
  raw?: boolean;
}

export function registerInbox(program: Command, cli: Cli): void {
  const inbox = program.command('inbox').description('what the local stack’s inbox has got');
  addCommand(inbox, 'list', 'the last messages', ['sealpost inbox list --limit 50'], { isDefault: true })
    .option('--limit <count>', 'the last so many', countOption, 20)
    .action((options: ListOptions) => list(cli, options));
  addCommand(inbox, 'show <number>', 'one message', ['sealpost inbox show 3', 'sealpost inbox show 3 --raw > 3.eml'])
    .option('--raw', 'its bytes, as they arrived')
    .action((number: string, options: ShowOptions) => show(cli, number, options));
}

function folderOf({ env }: Cli): string {
  return runningStack(env)?.inboxFolder ?? dataFolder(env).inbox;
}

async function list(cli: Cli, options: ListOptions): Promise<void> {
  const folder = folderOf(cli);
  const numbers = await listInbox(folder);
  const messages = await Promise.all(numbers.slice(-options.limit).map((number) => readInboxMessage(folder, number)));
  const { readMail } = await import('./inbox-mail.js');
  const mails = await Promise.all(messages.flatMap((message) => (message ? [readMail(message)] : [])));
  if (options.json) return cli.terminal.json(mails.map(headOf), 2);
  if (mails.length === 0) return cli.terminal.print(`The inbox is empty (${folder}).`);
  const columns = [
    { title: 'number', align: 'right' as const },
    { title: 'to', width: 40 },
    { title: 'from', width: 40 },
    { title: 'subject' },
  ];
  const rows = mails.map(({ number, to, from, subject }) => [number, to.join(', '), from, subject]);
  cli.terminal.print(...tableLines(columns, rows));
  if (numbers.length > mails.length) {
    cli.terminal.print('', `These are the last ${mails.length} of ${numbers.length}; --limit shows more.`);
  }
}

const headOf = ({ text: _text, html: _html, ...head }: InboxMail) => head;

async function show(cli: Cli, given: string, options: ShowOptions): Promise<void> {
  if (!/^[1-9]\d{0,8}$/.test(given))
    throw new CliError('USAGE', `"${given}" is no number of a message; "sealpost inbox" lists them.`);
  const message = await readInboxMessage(folderOf(cli), Number(given));
  if (!message) throw new CliError('REFUSED', `The inbox has no message ${given}; "sealpost inbox" lists them.`);
  if (options.raw) return await writeRaw(cli, message);
  const { readMail } = await import('./inbox-mail.js');
  const mail = await readMail(message);
  if (options.json) return cli.terminal.json(mail, 2);
  const { html } = mail;
  cli.terminal.print(
    ...fieldLines([
      ['delivered to', mail.to.join(', ')],
      ['return path', mail.returnPath || '(none)'],
      ['from', mail.from],
      ['subject', mail.subject],
      ['date', mail.date],
      ['message id', mail.messageId],
      ['html part', html ? `${Buffer.byteLength(html)} bytes (--raw or --json shows it)` : 'none'],
    ]),
    '',
    ...mail.text.trimEnd().split(/\r?\n/),
  );
}

/** Bytes of a stranger act on a terminal; a file or a program gets them as they are. */
async function writeRaw({ terminal }: Cli, { message }: InboxMessage): Promise<void> {
  if (terminal.animated) terminal.print(...message.toString('utf8').trimEnd().split('\r\n'));
  else await terminal.write(message);
}
