import type { Command } from 'commander';
import { dataFolder, dataFolderError } from '../local/data-folder.js';
import { readInboxMessage, type InboxMessage } from '../local/inbox-files.js';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { resolveEnvironment, runningStack } from './environment.js';
import { CliError } from './failures.js';
import { countOption } from './option-values.js';
import type { InboxMail } from '../local/inbox-mail.js';
import { newestMessages, type InboxFilter } from '../local/inbox-search.js';
import { fieldLines, tableLines, timeText } from '../wording/terminal-text.js';

interface ListOptions extends CommonOptions {
  limit: number;
  to?: string;
  delivery?: string;
}

interface ShowOptions extends CommonOptions {
  headers?: boolean;
  html?: boolean;
  raw?: boolean;
}

const help = `
  sealpost inbox                                        the last messages, proofs among them
  sealpost inbox --to editor@reviewers.example          only to this address, or part of one
  sealpost inbox --delivery 2026-11-winter-news --json  only of this delivery
  sealpost inbox show 3                                 one message: who, what, its text part

"sealpost inbox list --help" and "sealpost inbox show --help" have all options.`;

export function registerInbox(program: Command, cli: Cli): void {
  const inbox = program
    .command('inbox')
    .usage('[list] [options] | show <number> [options]')
    .description('what the local stack’s inbox has got, which takes every message in place of a relay')
    .addHelpText('after', help);
  addCommand(
    inbox,
    'list',
    'the last messages, the newest at the end',
    ['sealpost inbox list --limit 50', 'sealpost inbox list --to alice@inbox.example --json'],
    { isDefault: true },
  )
    .option('--to <address>', 'only to an address that holds this')
    .option('--delivery <id>', 'only those of this delivery, proofs too')
    .option('--limit <count>', 'the last so many', countOption, 20)
    .action((options: ListOptions) => list(cli, options));
  addCommand(inbox, 'show <number>', 'one message', ['sealpost inbox show 3', 'sealpost inbox show 3 --raw > 3.eml'])
    .option('--headers', 'all of its headers, as they arrived')
    .option('--html', 'its HTML part')
    .option('--raw', 'its bytes, as they arrived')
    .action((number: string, options: ShowOptions) => show(cli, number, options));
}

/** Works with the inbox's folder. @throws FolderError where this user cannot */
async function withInbox<T>({ env }: Cli, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = dataFolder(env);
  try {
    return await work(runningStack(env)?.inboxFolder ?? folder.inbox);
  } catch (error) {
    throw dataFolderError(folder, error) ?? error;
  }
}

async function list(cli: Cli, options: ListOptions): Promise<void> {
  const filter = await filterOf(cli, options);
  const { messages, more } = await withInbox(cli, (folder) => newestMessages(folder, options.limit, filter));
  const { readMail } = await import('../local/inbox-mail.js');
  const mails = await Promise.all(messages.map(readMail));
  if (options.json) return cli.terminal.json(mails.map(headOf), 2);
  const filtered = options.to !== undefined || options.delivery !== undefined;
  if (mails.length === 0) {
    return cli.terminal.print(
      filtered ? 'The inbox has no such message.' : `The inbox is empty (${dataFolder(cli.env).inbox}).`,
    );
  }
  const columns = [
    { title: 'number', align: 'right' as const },
    { title: 'to', width: 40 },
    { title: 'from', width: 40 },
    { title: 'subject' },
  ];
  const rows = mails.map(({ number, to, from, subject }) => [number, to.join(', '), from, subject]);
  cli.terminal.print(...tableLines(columns, rows));
  cli.terminal.print(
    '',
    `${more ? 'There are more: --limit shows them. ' : ''}One of them whole: sealpost inbox show <number>`,
  );
}

const headOf = ({ text: _text, html: _html, ...head }: InboxMail) => head;

async function filterOf(cli: Cli, { to, delivery }: ListOptions): Promise<InboxFilter> {
  if (delivery === undefined) return to === undefined ? {} : { to };
  const { DATABASE_URL: databaseUrl } = await resolveEnvironment(cli.env);
  if (!databaseUrl) {
    throw new CliError(
      'NO_STACK',
      'Whose delivery a message is, the database knows: start "sealpost up" for --delivery.',
    );
  }
  const { deliveryMessageIds } = await import('./inbox-check.js');
  return { messageIds: await deliveryMessageIds(databaseUrl, delivery), ...(to !== undefined && { to }) };
}

async function show(cli: Cli, given: string, options: ShowOptions): Promise<void> {
  if (!/^[1-9]\d{0,8}$/.test(given))
    throw new CliError('USAGE', `"${given}" is no number of a message; "sealpost inbox" lists them.`);
  const message = await withInbox(cli, (folder) => readInboxMessage(folder, Number(given)));
  if (!message) throw new CliError('REFUSED', `The inbox has no message ${given}; "sealpost inbox" lists them.`);
  if (options.raw) return await writeSafely(cli, message.message);
  if (options.headers) return await writeSafely(cli, headersOf(message));
  const { readMail } = await import('../local/inbox-mail.js');
  const mail = await readMail(message);
  if (options.json) return cli.terminal.json(mail, 2);
  if (!options.html) return cli.terminal.print(...mailLines(mail));
  if (!mail.html) throw new CliError('REFUSED', `Message ${given} has no HTML part.`);
  await writeSafely(cli, Buffer.from(mail.html));
}

function mailLines(mail: InboxMail): string[] {
  const { number, html } = mail;
  return [
    ...fieldLines([
      ['delivered to', mail.to.join(', ')],
      ['return path', mail.returnPath || '(none)'],
      ['from', mail.from],
      ...(mail.replyTo ? [['reply to', mail.replyTo] as const] : []),
      ['subject', mail.subject],
      ['date', mail.date && timeText(mail.date)],
      ['message id', mail.messageId],
      ...(mail.listUnsubscribe ? [['unsubscribe', mail.listUnsubscribe] as const] : []),
      ['html part', html ? `${Buffer.byteLength(html)} bytes: sealpost inbox show ${number} --html` : 'none'],
    ]),
    '',
    ...mail.text.trimEnd().split(/\r?\n/),
  ];
}

function headersOf({ message }: InboxMessage): Buffer {
  const end = message.indexOf('\r\n\r\n');
  return end < 0 ? message : message.subarray(0, end + 2);
}

/** Bytes of a stranger act on a terminal; a file or a program gets them as they are. */
async function writeSafely({ terminal }: Cli, bytes: Buffer): Promise<void> {
  if (terminal.animated) terminal.print(...bytes.toString('utf8').trimEnd().split(/\r?\n/));
  else await terminal.write(bytes);
}
