import type { Command } from 'commander';
import type { AddressList, ImportProgress, ListEntry, ListName, OfSender, Origin, Sealpost } from '../client/index.js';
import { addCommand, by, byOperator, withSealpost, type Cli, type CommonOptions } from './command.js';
import { CliError } from './failures.js';
import type { RowView } from '../wording/row-view.js';
import { printRows } from './listed-rows.js';
import { countOption } from './option-values.js';
import { bar } from '../wording/progress-estimate.js';
import { grouped, timeText } from '../wording/terminal-text.js';

/** What the options of all four commands of a list may say. */
interface ListOptions extends CommonOptions {
  sender?: string;
  reason?: string;
  search?: string;
  limit?: number;
  csv?: boolean;
}

const summaries: Record<ListName, string> = {
  denylist: 'addresses of people who want no mail, of one sender or of all',
  quarantine: 'addresses that take no mail',
};

/** The list as the client has it. The denylist is the wider one: commands of the quarantine know no `--sender`. */
const listOf = (sealpost: Sealpost, name: ListName): AddressList<OfSender> =>
  name === 'denylist' ? sealpost.denylist : sealpost.quarantine;

export function registerAddressLists(program: Command, cli: Cli): void {
  for (const name of ['denylist', 'quarantine'] as const) registerAddressList(program, cli, name);
}

function registerAddressList(program: Command, cli: Cli, name: ListName): void {
  const list = program
    .command(name)
    .usage('add|remove|import|list …')
    .description(summaries[name])
    .addHelpText('after', `\nEach has its own help and an example: sealpost ${name} add --help`);
  const bySender = (command: Command, what: string): Command =>
    name === 'quarantine' ? command : command.option('--sender <address>', what);

  const add = addCommand(list, 'add <address...>', 'put addresses on it', [
    `sealpost ${name} add ann@shop.example ben@shop.example --reason "asked by telephone"`,
    ...(name === 'denylist' ? ['sealpost denylist add ann@shop.example --sender news@garden.example'] : []),
  ]).option('--reason <text>', 'why; it stays with the entry');
  byOperator(bySender(add, 'for mail of this sender alone, or of all of a domain: @garden.example')).action(
    (addresses: string[], options: ListOptions) => addTo(cli, name, addresses, options),
  );

  const remove = addCommand(list, 'remove <address...>', 'take addresses off it: they get mail again', [
    `sealpost ${name} remove ann@shop.example`,
  ]);
  bySender(remove, 'the entry for this sender (without it: the one for all senders)').action(
    (addresses: string[], options: ListOptions) => removeFrom(cli, name, addresses, options),
  );

  const importing = addCommand(
    list,
    'import <file>',
    'put all addresses of a file on it, or none; - is standard input',
    [`sealpost ${name} import addresses.csv --reason "from the old system"`, `zcat *.gz | sealpost ${name} import -`],
  ).option('--reason <text>', 'why, for entries that name no reason');
  byOperator(bySender(importing, 'for mail of this sender alone, for entries that name none'))
    .addHelpText('after', importHelp(name))
    .action((file: string, options: ListOptions) => importTo(cli, name, file, options));

  const listing = addCommand(list, 'list', 'who is on it, by address', [
    `sealpost ${name} list --search @shop.example`,
    `sealpost ${name} list --csv > ${name}.csv`,
  ])
    .option('--search <part>', 'only addresses that hold this')
    .option('--limit <count>', 'at most so many (the table: 50 where it is not given)', countOption)
    .option('--csv', 'as CSV, safe to open in a spreadsheet; "import" reads it again');
  bySender(listing, 'only entries for this very sender').action((options: ListOptions) =>
    listEntries(cli, name, options),
  );
}

const importHelp = (name: ListName): string =>
  [
    '',
    'The file is UTF-8, and may be gzip. It is CSV whose header names "address" or "email",',
    `and may name ${name === 'denylist' ? '"sender" and "reason"' : '"reason"'}; other columns count for nothing. Or it has one address a line.`,
    'Where anything is wrong, all faults are told and nothing is imported.',
  ].join('\n');

/** Who adds, why, and for which sender. */
async function originOf(cli: Cli, options: ListOptions): Promise<Origin & OfSender> {
  const { operator } = await by(cli, options);
  return { operator, ...senderOf(options), ...(options.reason === undefined ? {} : { reason: options.reason }) };
}

const senderOf = ({ sender }: ListOptions): OfSender => (sender === undefined ? {} : { sender });

async function addTo(cli: Cli, name: ListName, addresses: string[], options: ListOptions): Promise<void> {
  const origin = await originOf(cli, options);
  const result = await withSealpost(cli, (sealpost) => listOf(sealpost, name).add(addresses, origin));
  if (options.json) return cli.terminal.json(result, 2);
  const { added, present } = result;
  cli.terminal.print(
    `The ${name}: ${grouped(added.length)} new, ${grouped(present.length)} there already.`,
    ...added.map((address) => `  new      ${address}`),
    ...present.map((address) => `  already  ${address}`),
  );
}

/** Imports a file into a list, and shows on a terminal how far it is. */
async function importTo(cli: Cli, name: ListName, path: string, options: ListOptions): Promise<void> {
  const { terminal } = cli;
  const origin = await originOf(cli, options);
  const file = path === '-' ? { name: 'standard input', bytes: terminal.bytes() } : path;
  const shown = options.json ? terminal.aside() : terminal;
  try {
    const result = await withSealpost(cli, (sealpost) =>
      listOf(sealpost, name).import(file, origin, (progress) => shown.show(progressLine(progress))),
    );
    shown.show('');
    if (options.json) return terminal.json(result, 2);
    const { added, present, doubles } = result;
    const counts = [`${grouped(added)} new`, `${grouped(present)} there already`, `${grouped(doubles)} doubles`];
    terminal.print(`The ${name}: ${counts.join(', ')}.`);
  } finally {
    shown.show('');
  }
}

function progressLine({ entries, share }: ImportProgress): string {
  const read = `${grouped(entries)} entries read`;
  if (share === undefined) return read;
  const percent = Math.floor(share * 100);
  return `${bar(percent)} ${String(percent).padStart(3)} %, ${read}`;
}

async function removeFrom(cli: Cli, name: ListName, addresses: string[], options: ListOptions): Promise<void> {
  const result = await withSealpost(cli, (sealpost) => listOf(sealpost, name).remove(addresses, senderOf(options)));
  const { removed, absent, denied } = result;
  if (options.json) cli.terminal.json(result, 2);
  else {
    cli.terminal.print(
      `The ${name}: ${grouped(removed.length)} removed.`,
      ...removed.map((address) => `  removed  ${address}`),
      ...denied.map(({ address, sender }) => `  stays    ${address}, for ${senderText(sender)}`),
    );
  }
  if (absent.length > 0)
    throw new CliError('NOT_FOUND', `Not on the ${name}${forSender(options)}: ${absent.join(', ')}.`);
}

const senderText = (sender: string): string => (sender === '' ? 'all senders' : sender);
const forSender = ({ sender }: ListOptions): string => (sender === undefined ? '' : ` for ${sender}`);

async function listEntries(cli: Cli, name: ListName, options: ListOptions): Promise<void> {
  const { search } = options;
  await withSealpost(cli, async (sealpost) => {
    const filter = { ...senderOf(options), ...(search === undefined ? {} : { search }) };
    const rows = (limit: number | undefined) =>
      listOf(sealpost, name).list({ ...filter, ...(limit === undefined ? {} : { limit }) });
    await printRows(cli.terminal, options, rows, viewOf(name));
  });
}

function viewOf(name: ListName): RowView<ListEntry> {
  // The quarantine holds for all senders.
  const columns = (['address', 'sender', 'addedAt', 'source', 'operator', 'reason'] as const).filter(
    (column) => name === 'denylist' || column !== 'sender',
  );
  const text: Partial<Record<keyof ListEntry, (entry: ListEntry) => string>> = {
    sender: ({ sender }) => senderText(sender),
    addedAt: ({ addedAt }) => timeText(addedAt),
  };
  return {
    table: columns.map((column) => ({ title: column === 'addedAt' ? 'since' : column })),
    tableCells: (entry) => columns.map((column) => text[column]?.(entry) ?? entry[column] ?? ''),
    csv: columns,
    csvCells: (entry) => columns.map((column) => entry[column]),
    json: (entry) => Object.fromEntries(columns.map((column) => [column, entry[column]])),
    none: `The ${name} has no such entries.`,
  };
}
