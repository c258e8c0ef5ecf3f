import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { writeWhole } from '../local/whole-file.js';
import { addCommand, withDelivery, type Cli, type CommonOptions } from './command.js';
import { CliError, inBrackets } from './failures.js';
import { countOption } from './option-values.js';
import { systemKeyOf } from './system-key.js';

interface Options extends CommonOptions {
  seq: number;
  out: string;
  force?: boolean;
}

export function registerAuditProof(audit: Command, cli: Cli): void {
  addCommand(audit, 'proof <delivery>', 'what shows that one message was sealed, and nothing of any other one', [
    'sealpost audit proof 2026-11-winter-news --seq 17 --out message-17.proof.json',
    'sealpost audit verify --message received.eml --proof message-17.proof.json --key THUMBPRINT',
  ])
    .requiredOption('--seq <number>', 'of the message, as "sealpost messages" lists it', countOption)
    .requiredOption('--out <file>', 'the file to write; its owner alone may read it')
    .option('--force', 'overwrite the file')
    .action((id: string, options: Options) => exportProof(cli, id, options));
}

async function exportProof(cli: Cli, id: string, { seq, out, force, json }: Options): Promise<void> {
  if (!force && existsSync(out)) throw new CliError('REFUSED', `"${out}" is there already: --force overwrites it.`);
  const key = await systemKeyOf(cli.env);
  const text = await withDelivery(cli, id, (delivery) => delivery.messageProof(seq, key));
  try {
    writeWhole(out, text);
  } catch (error) {
    throw new CliError('REFUSED', `Cannot write "${out}"${inBrackets(error)}; name another file with --out.`);
  }
  const { thumbprint } = key;
  if (json) return cli.terminal.json({ delivery: id, seq, file: out, thumbprint });
  cli.terminal.print(
    `Wrote "${out}", signed by the key ${thumbprint}. It names the message's sender and recipient.`,
    `Whoever has the mail checks it with: sealpost audit verify --message MAIL.eml --proof "${out}" --key ${thumbprint}`,
  );
}
