import type { Command } from 'commander';
import { countFindings, findingLevels } from '../delivery/finding.js';
import type { LocatedFinding } from '../client/definition-faults.js';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { configFile, configHelp } from './config-option.js';
import { findingSummary } from '../wording/description-text.js';
import { CliError } from './failures.js';

interface CheckOptions extends CommonOptions {
  strict?: boolean;
  dns?: boolean;
  links?: boolean;
  config?: string;
}

export function registerCheck(program: Command, cli: Cli): void {
  addCommand(program, 'check <definition>', 'check a definition without any server: what step 1 of a delivery finds', [
    'sealpost check examples/winter-news',
    'sealpost check news.yaml --strict --dns --json',
  ])
    .option('--strict', 'fail on warnings too')
    .option(
      '--dns',
      "look up SPF, DKIM, DMARC and mail hosts of the sender's domains (at SEALPOST_DNS, or the machine's name servers)",
    )
    .option('--links', 'ask the servers of the links that are the same for everybody')
    .option('--config <file>', configHelp)
    .addHelpText(
      'after',
      [
        '',
        'Exit codes: 0 nothing grave, 1 errors (with --strict, warnings too), 2 wrong usage.',
        'Relays and DKIM keys are judged where SMTP_URL… and DKIM_KEY… are set as for a worker.',
        '"sealpost rules" lists the rules.',
      ].join('\n'),
    )
    .action((definition: string, options: CheckOptions) => check(cli, definition, options));
}

async function check(cli: Cli, definition: string, options: CheckOptions): Promise<void> {
  const [{ findingsOf }, { loadConfig }] = await Promise.all([
    import('../client/definition-findings.js'),
    import('../checks/config-file.js'),
  ]);
  const found = await findingsOf(cli.env, definition, {
    config: await loadConfig(configFile(cli.env, options.config), process.cwd()),
    withDns: options.dns ?? false,
    withLinks: options.links ?? false,
  });
  const findings = found.toSorted((a, b) => findingLevels.indexOf(a.level) - findingLevels.indexOf(b.level));
  const counts = countFindings(findings);
  const failed = counts.error > 0 || (options.strict === true && counts.warning > 0);
  if (options.json) cli.terminal.json({ definition, ok: !failed, counts, findings }, 2);
  else cli.terminal.print(...findings.map(findingLine), `${definition}: findings: ${findingSummary(findings)}`);
  if (failed) throw new CliError('CHECK_FAILED', `"${definition}" is not ready: correct what is found above.`);
}

/** As compilers write it, which editors and CI systems make links of. */
export function findingLine({ file, line, level, place, sentence, rule }: LocatedFinding): string {
  const where = [file, line].filter((part) => part !== undefined).join(':');
  return [where, level, place, `${sentence} [${rule}]`].filter(Boolean).join(': ');
}
