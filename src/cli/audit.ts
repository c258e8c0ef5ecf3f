import type { Command } from 'commander';
import { registerAuditExport } from './audit-export.js';
import { registerAuditKey } from './audit-key.js';
import { registerAuditProof } from './audit-proof.js';
import { registerAuditShow } from './audit-show.js';
import { registerAuditVerify } from './audit-verify.js';
import type { Cli } from './command.js';

const registrations = [
  registerAuditShow,
  registerAuditExport,
  registerAuditVerify,
  registerAuditProof,
  registerAuditKey,
];

export function registerAudit(program: Command, cli: Cli): void {
  const audit = program
    .command('audit')
    .usage('show|export|verify|proof|key …')
    .description('what happened to a delivery, and how anybody can check it without trusting us')
    .addHelpText('after', '\nEach has its own help and an example: sealpost audit show --help');
  for (const register of registrations) register(audit, cli);
}
