import type { Command } from 'commander';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { systemKeyOf } from './system-key.js';
import { fieldLines } from '../wording/terminal-text.js';

export function registerAuditKey(audit: Command, cli: Cli): void {
  addCommand(audit, 'key', "the public half of the system's key, to be given to auditors", [
    'sealpost audit key',
    'sealpost audit key --json > system-key.json      what "audit verify --key" reads',
  ])
    .addHelpText(
      'after',
      '\nSEALPOST_SYSTEM_KEY names the file of the private half; a local stack has its own. Give auditors the thumbprint\nby a way of its own (on paper, by telephone): a key that comes with what it signed proves nothing.',
    )
    .action((options: CommonOptions) => printKey(cli, options));
}

async function printKey({ env, terminal }: Cli, options: CommonOptions): Promise<void> {
  const { publicJwk, thumbprint } = await systemKeyOf(env);
  if (options.json) return terminal.json({ publicKey: publicJwk, thumbprint });
  terminal.print(
    ...fieldLines([
      ['public key', JSON.stringify(publicJwk)],
      ['thumbprint', thumbprint],
    ]),
  );
}
