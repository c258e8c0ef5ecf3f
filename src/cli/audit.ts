import type { Command } from 'commander';
import { registerAuditExport } from './audit-export.js';
import { registerAuditKey } from './audit-key.js';
import { registerAuditProof } from './audit-proof.js';
import { registerAuditVerify } from './audit-verify.js';
import type { Cli } from './command.js';

export function registerAudit(program: Command, cli: Cli): void {
  const audit = program
    .command('audit')
    .usage('key|export|verify|proof …')
    .description('what auditors get, and how they check it')
    .addHelpText('after', '\nEach has its own help and an example: sealpost audit verify --help');
  registerAuditKey(audit, cli);
  registerAuditExport(audit, cli);
  registerAuditVerify(audit, cli);
  registerAuditProof(audit, cli);
}
