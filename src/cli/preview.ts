import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { writeNamed } from '../local/whole-file.js';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { CliError, inBrackets } from './failures.js';
import { countOption } from './option-values.js';

interface Options extends CommonOptions {
  profile?: number;
  out: string;
}

export function registerPreview(program: Command, cli: Cli): void {
  addCommand(program, 'preview <delivery-or-path>', 'write one recipient’s message to files; nothing is sent', [
    'sealpost preview examples/winter-news --profile 2 --out preview',
    'sealpost preview 2026-11-winter-news --out preview',
  ])
    .option('--profile <row>', 'row of the target (default: the first with an address)', countOption)
    .requiredOption('--out <folder>', 'where the files go; those of an earlier preview are overwritten')
    .action((source: string, options: Options) => preview(cli, source, options));
}

async function preview(cli: Cli, source: string, { profile, out, json }: Options): Promise<void> {
  const onDisk = await stat(source).catch(() => undefined);
  const made = onDisk
    ? await (await import('../client/preview.js')).previewFiles(source, profile)
    : await withDelivery(cli, source, (delivery) => delivery.preview(profile));
  const name = join(out, `${made.id}-${made.row}`);
  // The mark tells browsers that a file is UTF-8, whatever encoding the message is sent in.
  const files: [string, string | Buffer][] = [
    ...(made.html === undefined ? [] : [[`${name}.html`, `\ufeff${made.html}`] as [string, string]]),
    [`${name}.txt`, made.text],
    [`${name}.eml`, made.eml],
  ];
  try {
    await mkdir(out, { recursive: true });
    for (const [file, content] of files) writeNamed(file, content);
  } catch (error) {
    throw new CliError('REFUSED', `Cannot write to "${out}"${inBrackets(error)}; name another folder with --out.`);
  }
  const names = files.map(([file]) => file);
  if (json) return cli.terminal.json({ id: made.id, row: made.row, files: names });
  cli.terminal.print(`Row ${made.row} of "${made.id}":`, ...names.map((file) => `  ${file}`));
}
