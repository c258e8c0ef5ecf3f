import type { Command } from 'commander';
import type { DefinitionFault } from '../client/definition-faults.js';
import type { DefinitionFile } from '../client/definition-file.js';
import type { QuotedFinding } from '../delivery/control-rule.js';
import { countFindings, type Finding } from '../delivery/finding.js';
import type { DkimKey } from '../mime/dkim-key.js';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { findingSummary } from './description-text.js';
import { CliError } from './failures.js';

interface CheckOptions extends CommonOptions {
  strict?: boolean;
  dns?: boolean;
}

/** A finding with where it stands in the author's files, as far as that is known. */
type LocatedFinding = Finding & { file?: string; line?: number };

export function registerCheck(program: Command, cli: Cli): void {
  addCommand(program, 'check <definition>', 'check a definition without any server: what step 1 of a delivery finds', [
    'sealpost check examples/winter-news',
    'sealpost check news.yaml --strict --dns --json',
  ])
    .option('--strict', 'fail on warnings too')
    .option('--dns', "look up SPF, DKIM, DMARC and mail hosts of the sender's domains")
    .addHelpText(
      'after',
      [
        '',
        'Exit codes: 0 nothing grave, 1 errors (with --strict, warnings too), 2 wrong usage.',
        'Relays and DKIM keys are judged where SMTP_URL… and DKIM_KEY… are set as for a worker.',
      ].join('\n'),
    )
    .action((definition: string, options: CheckOptions) => check(cli, definition, options));
}

const levels: readonly Finding['level'][] = ['error', 'warning', 'info'];

async function check(cli: Cli, definition: string, options: CheckOptions): Promise<void> {
  const found = await findingsOf(cli, definition, options.dns ?? false);
  const findings = found.toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
  const counts = countFindings(findings);
  const failed = counts.error > 0 || (options.strict === true && counts.warning > 0);
  if (options.json) cli.terminal.json({ definition, ok: !failed, counts, findings }, 2);
  else cli.terminal.print(...findings.map(lineOf), `${definition}: findings: ${findingSummary(findings)}`);
  if (failed) throw new CliError('CHECK_FAILED', `"${definition}" is not ready: correct what is found above.`);
}

/** As compilers write it, which editors and CI systems make links of. */
function lineOf({ file, line, level, place, sentence, rule }: LocatedFinding): string {
  const where = [file, line].filter((part) => part !== undefined).join(':');
  return [where, level, place, `${sentence} [${rule}]`].filter(Boolean).join(': ');
}

async function findingsOf({ env }: Cli, path: string, withDns: boolean): Promise<LocatedFinding[]> {
  const [{ readDefinitionFile }, { DefinitionError }, { checkRevision }, { dkimKeysFromEnvironment }, relayUrl] =
    await Promise.all([
      import('../client/definition-file.js'),
      import('../client/definition-faults.js'),
      import('../checks/check-revision.js'),
      import('../mime/dkim-environment.js'),
      import('../smtp/relay-url.js'),
    ]);
  const relays = [...relayUrl.relaysFromEnvironment(env).keys()];
  const dkimKeys = dkimKeysFromEnvironment(env);
  let definition: DefinitionFile;
  let fields: string[];
  try {
    definition = await readDefinitionFile(path);
    fields = (await definition.recipients.fields?.()) ?? [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.faults.map(findingOfFault);
    throw error;
  }
  const findings: QuotedFinding[] = checkRevision(definition, {
    fields,
    ...(relays.length > 0 && { relays }),
    ...(dkimKeys.length > 0 && { dkimKeys }),
  });
  if (withDns) findings.push(...(await dnsFindings(definition, dkimKeys)));
  const { locate } = await import('../client/finding-place.js');
  return findings.map(({ quote, ...finding }) => ({ ...locate(definition, finding.place, quote), ...finding }));
}

function findingOfFault({ field, sentence, ...where }: DefinitionFault): LocatedFinding {
  return { rule: 'definition', level: 'error', ...where, place: field, sentence };
}

async function dnsFindings({ settings: { sender } }: DefinitionFile, keys: readonly DkimKey[]): Promise<Finding[]> {
  const [{ preflight }, { systemResolver }, { keyName, keyRecord, signingKeys }, { domainOf }] = await Promise.all([
    import('../dns/preflight.js'),
    import('../dns/resolver.js'),
    import('../mime/dkim-key.js'),
    import('../delivery/address.js'),
  ]);
  const expected = signingKeys(keys, domainOf(sender.address)).map((key) => ({
    domain: key.domain,
    name: keyName(key),
    record: keyRecord(key),
  }));
  return preflight(sender, expected, systemResolver());
}
