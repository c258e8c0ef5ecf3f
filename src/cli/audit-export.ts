import { existsSync } from 'node:fs';
import { link, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { syncPath, unfinishedName } from '../local/whole-file.js';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { CliError, inBrackets } from './failures.js';
import { systemKeyOf } from './system-key.js';
import { grouped, plural } from '../wording/terminal-text.js';

interface Options extends CommonOptions {
  out: string;
  pseudonymise?: boolean;
  force?: boolean;
}

export function registerAuditExport(audit: Command, cli: Cli): void {
  addCommand(audit, 'export <delivery>', 'everything that an auditor needs of a delivery, as one signed file', [
    'sealpost audit export 2026-11-winter-news --out winter-news.audit.ndjson',
    'sealpost audit export 2026-11-winter-news --pseudonymise --out winter-news.audit.ndjson',
  ])
    .requiredOption('--out <file>', 'the file to write; its owner alone may read it')
    .option('--pseudonymise', "without recipients' addresses, salts and operators' names; see docs/audit-bundle.md")
    .option('--force', 'overwrite the file')
    .action((id: string, options: Options) => exportBundle(cli, id, options));
}

async function exportBundle(cli: Cli, id: string, { out, pseudonymise = false, force, json }: Options): Promise<void> {
  if (!force && existsSync(out)) throw isThere(out);
  const key = await systemKeyOf(cli.env);
  const size = await withDelivery(cli, id, (delivery) =>
    wholeFile(out, { overwrite: force === true }, (write) => {
      const counted = countingLines(cli, write);
      return delivery.auditBundle({ key, pseudonymise }, counted.line).then(() => counted.end());
    }),
  );
  const { thumbprint } = key;
  if (json) return cli.terminal.json({ delivery: id, file: out, ...size, pseudonymised: pseudonymise, thumbprint });
  cli.terminal.print(
    `Wrote "${out}": ${plural(size.lines, 'line')}, ${plural(size.bytes, 'byte')}, signed by the key ${thumbprint}.`,
    `Whoever has it checks it with: sealpost audit verify "${out}" --key ${thumbprint}`,
  );
}

const showEveryMs = 200;
/** Bytes that are gathered before they are written: a line is far less than the disk likes. */
const gathered = 256 * 1024;

function countingLines({ terminal }: Cli, write: (text: string) => Promise<void>) {
  const size = { lines: 0, bytes: 0 };
  let waiting = '';
  let shownAt = 0;
  const flush = async (): Promise<void> => {
    await write(waiting);
    waiting = '';
    if (Date.now() - shownAt < showEveryMs) return;
    shownAt = Date.now();
    terminal.show(`${grouped(size.lines)} lines, ${grouped(size.bytes / 1024)} KB`);
  };
  return {
    line: async (line: string): Promise<void> => {
      size.lines += 1;
      size.bytes += Buffer.byteLength(line);
      waiting += line;
      if (waiting.length >= gathered) await flush();
    },
    end: async (): Promise<typeof size> => {
      await flush();
      terminal.show('');
      return size;
    },
  };
}

const isThere = (path: string): CliError =>
  new CliError('REFUSED', `"${path}" is there already: --force overwrites it.`);

/** Nobody sees the file before all of it is there; a kill leaves what was there before. */
async function wholeFile<T>(
  path: string,
  { overwrite }: { overwrite: boolean },
  work: (write: (text: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  const unfinished = unfinishedName(path);
  const file = await openNew(unfinished, path);
  try {
    const done = await work((text) => file.appendFile(text));
    await file.sync();
    await file.close();
    await (overwrite ? rename(unfinished, path) : put(unfinished, path));
    syncPath(dirname(path));
    return done;
  } catch (error) {
    await file.close();
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** A link, other than a new name, takes nobody's place: whatever came there meanwhile stays. */
async function put(unfinished: string, path: string): Promise<void> {
  try {
    await link(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw isThere(path);
    throw new CliError('REFUSED', `Cannot write "${path}"${inBrackets(error)}; name another file with --out.`);
  }
  await rm(unfinished);
}

async function openNew(unfinished: string, path: string): Promise<FileHandle> {
  try {
    return await open(unfinished, 'wx', 0o600);
  } catch (error) {
    throw new CliError('REFUSED', `Cannot write "${path}"${inBrackets(error)}; name another file with --out.`);
  }
}
