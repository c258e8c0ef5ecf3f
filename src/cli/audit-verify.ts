import { accessSync, readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import type { CheckResult } from '../audit/check-result.js';
import { leftOpen } from '../audit/left-open.js';
import type { BundleVerdict } from '../audit/verify-bundle.js';
import { packageVersion } from '../client/package-file.js';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { CliError, inBrackets } from './failures.js';
import { bar } from '../wording/progress-estimate.js';
import { tableLines, wrapped } from '../wording/terminal-text.js';

interface Options extends CommonOptions {
  key?: string;
  message?: string;
  proof?: string;
}

export function registerAuditVerify(audit: Command, cli: Cli): void {
  addCommand(audit, 'verify [file]', 'check an audit bundle, or one mail; needs no server, network or configuration', [
    'sealpost audit verify winter-news.audit.ndjson --key kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    'sealpost audit verify winter-news.audit.ndjson --key system-key.json --message received.eml',
    'sealpost audit verify --message received.eml --proof message-17.proof.json --key system-key.json',
  ])
    .option('--key <key>', "the system's public key as you got it from its owner: a JWK file, or its thumbprint")
    .option('--message <file>', 'a mail as it arrived (.eml): is it the one that was sealed?')
    .addOption(new Option('--proof <file>', 'of one message, in place of a bundle'))
    .addHelpText('after', '\nExit codes: 0 all that could be checked is in order, 1 something is not, 2 wrong usage.')
    .action((file: string | undefined, options: Options) => verify(cli, file, options));
}

async function verify(cli: Cli, file: string | undefined, options: Options): Promise<void> {
  const trusted = options.key === undefined ? undefined : await thumbprintOfOption(options.key);
  const { message, proof } = options;
  if (proof !== undefined && message !== undefined && file === undefined) {
    return tell(cli, options, { about: proof, ...(await verifyByProof(message, proof, trusted)) });
  }
  if (file === undefined || proof !== undefined)
    throw new CliError('USAGE', 'Name a bundle, or --message with --proof: "sealpost audit verify --help" shows both.');
  tell(cli, options, { about: file, ...(await verifyByBundle(cli, file, { message, trusted })) });
}

interface Verdict {
  checks: CheckResult[];
  thumbprint?: string | undefined;
  manifest?: BundleVerdict['manifest'];
}

async function verifyByBundle(
  cli: Cli,
  file: string,
  { message, trusted }: { message: string | undefined; trusted: string | undefined },
): Promise<Verdict> {
  const [{ HistoryReplay }, { verifyBundle }, { verifyInBundle }, { readMail }] = await Promise.all([
    import('../../worker/history-replay.js'),
    import('../audit/verify-bundle.js'),
    import('../audit/verify-message.js'),
    import('../audit/received-mail.js'),
  ]);
  const mail = message === undefined ? undefined : readMail(given(() => readFileSync(message), message));
  given(() => accessSync(file), file);
  const replay = new HistoryReplay();
  const verdict = await verifyBundle(file, {
    ...(trusted !== undefined && { trusted }),
    ...(mail?.messageId !== undefined && { messageId: mail.messageId }),
    version: packageVersion(),
    replay: (workflowId, events) => replay.replay(workflowId, events),
    progress: progressOn(cli),
  }).finally(() => replay.close());
  cli.terminal.show('');
  return mail ? { ...verdict, checks: [...verdict.checks, ...verifyInBundle(mail, verdict)] } : verdict;
}

async function verifyByProof(message: string, proof: string, trusted: string | undefined): Promise<Verdict> {
  const [{ verifyByProofFile }, { readMail }] = await Promise.all([
    import('../audit/verify-message.js'),
    import('../audit/received-mail.js'),
  ]);
  const mail = readMail(given(() => readFileSync(message), message));
  const text = given(() => readFileSync(proof, 'utf8'), proof);
  return { checks: await verifyByProofFile(mail, text, trusted) };
}

/** A JWK, as it is or as `audit key --json` prints it, or a thumbprint. */
async function thumbprintOfOption(key: string): Promise<string> {
  if (/^[A-Za-z0-9_-]{43}$/.test(key)) return key;
  const { keyIdOf, publicKeySchema } = await import('../audit/public-key.js');
  const text = given(() => readFileSync(key, 'utf8'), key);
  try {
    const value: unknown = JSON.parse(text);
    const inside = typeof value === 'object' && value !== null && 'publicKey' in value ? value.publicKey : value;
    return await keyIdOf(publicKeySchema.parse(inside));
  } catch {
    throw new CliError('USAGE', `"${key}" holds no Ed25519 public key (JWK): "sealpost audit key --json" prints one.`);
  }
}

function given<T>(read: () => T, path: string): T {
  try {
    return read();
  } catch (error) {
    throw new CliError('USAGE', `"${path}" cannot be read${inBrackets(error)}.`);
  }
}

const showEveryMs = 100;

function progressOn({ terminal }: Cli): (read: number, size: number) => void {
  let shownAt = 0;
  return (read, size) => {
    if (!terminal.animated || Date.now() - shownAt < showEveryMs) return;
    shownAt = Date.now();
    terminal.show(`${bar(Math.floor((100 * read) / Math.max(1, size)))} of the file`);
  };
}

const marks = { ok: 'ok', failed: 'FAILED', skipped: 'not checked' };

function tell(
  cli: Cli,
  { json, message }: Options,
  { about, checks, thumbprint, manifest }: Verdict & { about: string },
) {
  const { terminal } = cli;
  const failed = checks.filter(({ state }) => state === 'failed');
  const ok = failed.length === 0;
  if (json) terminal.json({ file: about, ok, ...(manifest && { manifest }), thumbprint, checks }, 2);
  else {
    if (manifest)
      terminal.print(
        `Delivery "${manifest.delivery}", exported ${manifest.exportedAt} by sealpost ${manifest.sealpostVersion}.`,
        '',
      );
    const columns = [{ title: 'result' }, { title: 'check', width: 100 }, { title: 'seen', width: 120 }];
    terminal.print(
      ...tableLines(
        columns,
        checks.map(({ state, title, note = '' }) => [marks[state], title, note]),
      ),
    );
    for (const { title, faults, more } of failed) {
      terminal.heading(`Broken: ${title}`);
      terminal.print(...faults.map(faultLine), ...(more > 0 ? [`  and ${more} more`] : []));
    }
    if (message !== undefined) terminal.print('', ...wrapped(leftOpen, Math.min(terminal.columns, 100)));
  }
  if (!ok)
    throw new CliError(
      'CHECK_FAILED',
      `"${about}" is not in order: ${failed.length} of ${checks.length} checks failed.`,
    );
}

const faultLine = ({ part, line, what }: CheckResult['faults'][number]): string =>
  `  ${part}${line === undefined ? '' : `, line ${line}`}: ${what}`;
