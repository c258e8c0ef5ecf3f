import type { Command } from 'commander';
import { registerAuditShow } from './audit-show.js';
import type { Cli } from './command.js';

const registrations = [registerAuditShow];

export function registerAudit(program: Command, cli: Cli): void {
  const audit = program
    .command('audit')
    .usage('show …')
    .description('what happened to a delivery, and whether its record is as it was written')
    .addHelpText('after', '\nEach has its own help and an example: sealpost audit show --help');
  for (const register of registrations) register(audit, cli);
}
