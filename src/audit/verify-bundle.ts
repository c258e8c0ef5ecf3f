import { canonicalJson } from '../delivery/canonical-json.js';
import { partNames, partSchemas, type Manifest, type PartRow } from './bundle-format.js';
import { BundleContent, type FoundMessage, type ReplayRun } from './bundle-content.js';
import { approvalChecks } from './checks/approval-checks.js';
import { checkResult, judgeKey, type CheckResult } from './check-result.js';
import type { Check, Judgement } from './checks/check.js';
import { countChecks } from './checks/count-checks.js';
import { claimChecks } from './checks/claim-checks.js';
import { historyChecks } from './checks/history-checks.js';
import { journalChecks } from './checks/journal-checks.js';
import { proofChecks } from './checks/proof-checks.js';
import { revisionChecks } from './checks/revision-checks.js';
import { sealChecks } from './checks/seal-checks.js';
import { signatureChecks } from './checks/signature-checks.js';
import { bundleLines, parsed, partLines, readBundleEnd, type BundleEnd, type Fault } from './read-bundle.js';

export interface BundleVerdict {
  /** Nothing was found; checks may have been skipped. */
  ok: boolean;
  manifest?: Manifest;
  /** Of the key that signed. */
  thumbprint?: string;
  checks: CheckResult[];
  /** The message that was looked for, if its row is there. */
  found?: FoundMessage;
}

export interface VerifyOptions {
  /** Thumbprint of the key that the auditor trusts. @default the key in the file */
  trusted?: string;
  /** Of this code: histories are replayed where it wrote them, too. */
  version: string;
  replay: ReplayRun;
  /** Looks for the row of this message. */
  messageId?: string;
  /** Called with the bytes read so far, and those that there are. */
  progress?: (read: number, size: number) => void;
}

/** In the order in which a reader wants them. */
const checks: readonly Check[] = [
  ...journalChecks,
  ...revisionChecks,
  ...sealChecks,
  ...signatureChecks,
  ...claimChecks,
  ...approvalChecks,
  ...historyChecks,
];

/** Checks everything that a bundle tells; memory does not grow with its messages. Needs nothing but the file. */
export async function verifyBundle(path: string, options: VerifyOptions): Promise<BundleVerdict> {
  const end = await readBundleEnd(path);
  const { manifest } = end;
  const signature = checkResult(signatureCheck, signatureJudgement(end, options.trusted));
  if (!manifest)
    return verdictOf(end, [checkResult(fileCheck, { faults: faultsBesideSignature(end.faults) }), signature]);
  const fileFaults = [...faultsBesideSignature(end.faults), ...partFaults(manifest)];
  const messages = () => messagesIn(path, { ...end, manifest });
  const content = new BundleContent(manifest.pseudonymised, {
    ...options,
    replay: replayOf(manifest, options),
    messages,
  });
  let read = 0;
  for await (const line of bundleLines(path, { ...end, manifest }, fileFaults)) {
    const what = await content.take(line);
    if (what !== undefined) fileFaults.push({ part: line.part, line: line.line, what });
    options.progress?.((read += line.bytes.length), end.offset);
  }
  const facts = await content.facts();
  if (facts.delivery?.id !== manifest.delivery)
    fileFaults.push({ part: 'delivery', what: `it is not that of "${manifest.delivery}", which the manifest names` });
  const whole = checkResult(fileCheck, { faults: fileFaults, note: `${manifest.parts.length} parts` });
  const results = [whole, signature];
  for (const check of [...checks, ...content.checks(), ...proofChecks, ...countChecks]) {
    results.push(checkResult(check, await check.judge(facts)));
  }
  const found = content.found();
  return { ...verdictOf(end, results), ...(found && { found }) };
}

async function* messagesIn(
  path: string,
  end: { manifest: Manifest; offset: number },
): AsyncGenerator<PartRow<'messages'>> {
  for await (const bytes of partLines(path, end, 'messages')) {
    const row = parsed(partSchemas.messages, bytes);
    if (row) yield row;
  }
}

/** @returns why they are not, where another version wrote the histories */
function replayOf({ sealpostVersion }: Manifest, { version, replay }: VerifyOptions): ReplayRun | string {
  if (sealpostVersion === version) return replay;
  return `it takes version ${sealpostVersion} of sealpost; this is ${version}`;
}

function verdictOf({ manifest, signed }: BundleEnd, results: CheckResult[]): BundleVerdict {
  return {
    ok: results.every(({ state }) => state !== 'failed'),
    ...(manifest && { manifest }),
    ...(signed && { thumbprint: signed.thumbprint }),
    checks: results,
  };
}

const fileCheck = { name: 'file', title: 'the file is whole, and each of its bytes is as it was written' };
const signatureCheck = { name: 'signature', title: "the file is signed by the system's key" };

const faultsBesideSignature = (faults: readonly Fault[]): Fault[] => faults.filter(({ part }) => part !== 'signature');

function signatureJudgement({ faults, signed }: BundleEnd, trusted: string | undefined): Judgement {
  const own = faults.filter(({ part }) => part === 'signature');
  return signed ? judgeKey(signed.thumbprint, trusted) : { faults: own };
}

function partFaults({ parts }: Manifest): Fault[] {
  const [is, expected] = [parts.map(({ name }) => name), ['header', ...partNames]];
  if (canonicalJson(is) === canonicalJson(expected)) return [];
  return [{ part: 'manifest', what: `the parts are ${is.join(', ')} and must be ${expected.join(', ')}` }];
}
