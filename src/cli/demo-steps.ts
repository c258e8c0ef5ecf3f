import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Delivery,
  DeliveryDescription,
  DeliveryProgress,
  LedgerRow,
  MessageStatus,
  Reason,
} from '../client/index.js';
import type { MessageIdFor } from '../client/message-ids.js';
import type { Phase } from '../delivery/phase.js';
import { inboxMessages } from '../local/inbox-files.js';
import type { Cli } from './command.js';
import { deciders } from './demo-cast.js';
import { sealedText } from '../wording/target-text.js';
import { exclusionLines, findingLines, findingSummary, tallyLines } from '../wording/description-text.js';
import { CliError } from './failures.js';
import { follow } from './follow.js';
import { compareWithInbox, readArrivals, type InboxCheck } from './inbox-check.js';
import { messageIdOf, readMail } from '../local/inbox-mail.js';
import { ProgressDisplay } from './progress-display.js';
import { typedSealMatches } from '../delivery/typed-seal.js';
import { grouped, plural, tableLines } from '../wording/terminal-text.js';

/** What the steps of the demo work with. */
export interface Demo {
  cli: Cli;
  delivery: Delivery;
  /** Absent where mail goes to a real relay. */
  inboxFolder?: string;
  messageIdFor: MessageIdFor;
  signal: AbortSignal;
}

const pollMs = 200;

/** Waits until the delivery has left a phase behind. @throws CliError `REFUSED` where it has failed on the way */
async function past({ delivery, signal }: Demo, phases: readonly Phase[]): Promise<DeliveryDescription> {
  for (;;) {
    const { phase } = await delivery.progress();
    if (!phases.includes(phase)) {
      const description = await delivery.show();
      if (phase === 'failed') throw new CliError('REFUSED', `The delivery has failed: ${reasonOf(description)}.`);
      return description;
    }
    await sleep(pollMs, undefined, { signal });
  }
}

function reasonOf({ journal }: DeliveryDescription): string {
  return journal.findLast(({ kind }) => kind === 'phase')?.reason ?? 'no reason was given';
}

/** Step 1. @returns how many findings were shown */
export async function showParameters(demo: Demo): Promise<number> {
  const { terminal } = demo.cli;
  terminal.heading('Step 1: parameters');
  const { findings, phase, revision } = await past(demo, ['checking']);
  terminal.print(
    `Every setting of revision ${revision.slice(0, 12)} is checked. Findings: ${findingSummary(findings)}.`,
  );
  terminal.print(...findingLines(findings));
  if (phase === 'awaiting-revision')
    throw new CliError('REFUSED', 'The parameters have errors: a new revision is needed.');
  return findings.length;
}

/** Step 2. */
export async function showProofs(demo: Demo): Promise<void> {
  const { terminal } = demo.cli;
  terminal.heading('Step 2: proofs');
  const { proofs, settings } = await past(demo, ['checking', 'proofing']);
  if (proofs.length === 0) return terminal.print('The definition names nobody who gets proofs.');
  terminal.print(`Reviewers see the real thing first, with the data of real recipients:`);
  const rows: (string | number)[][] = [];
  for (const { proof } of proofs) rows.push(...(await proofRows(demo, proof)));
  const columns = [
    { title: 'proof', align: 'right' as const },
    { title: 'to' },
    { title: 'status' },
    { title: 'inbox no.' },
    { title: 'subject' },
  ];
  terminal.print(...tableLines(columns, rows).map((line) => `  ${line}`));
  if (settings.approval.mode === 'manual') terminal.print('The analysis goes on meanwhile; nothing is decided by it.');
}

async function proofRows({ delivery, messageIdFor, inboxFolder }: Demo, proof: number): Promise<(string | number)[][]> {
  const arrived = new Map<string, { number: number; subject: string }>();
  const rows: LedgerRow[] = [];
  for await (const row of delivery.messages({ proof })) rows.push(row);
  const wanted = new Set(rows.map(messageIdFor));
  if (inboxFolder !== undefined) {
    for await (const message of inboxMessages(inboxFolder)) {
      const id = messageIdOf(message);
      if (wanted.has(id)) arrived.set(id, await readMail(message));
    }
  }
  return rows.map((row) => {
    const mail = arrived.get(messageIdFor(row));
    return [proof, row.address, row.status, mail?.number ?? '', mail?.subject ?? ''];
  });
}

/** Step 3, first half. @param known - findings that step 1 has shown */
export async function showAnalysis(demo: Demo, known: number): Promise<DeliveryDescription> {
  const { terminal } = demo.cli;
  terminal.heading('Step 3: analysis');
  const description = await past(demo, ['checking', 'proofing', 'analysing']);
  const { profiles, excluded, findings, seal } = description;
  const left = Object.values(excluded).reduce((sum, count) => sum + count, 0);
  terminal.print(
    `${plural(profiles, 'recipient')} read, ${grouped(left)} excluded, ${sealedText(description)} made and sealed.`,
  );
  if (left > 0) terminal.print('Excluded by reason:', ...exclusionLines(excluded));
  terminal.print(`Findings: ${findingSummary(findings)}${known > 0 ? ' (with those of step 1)' : ''}.`);
  terminal.print(...findingLines(findings));
  if (seal === undefined || description.phase === 'awaiting-revision') {
    throw new CliError('REFUSED', `There is nothing to confirm: ${reasonOf(description)}.`);
  }
  terminal.print(`Seal: ${seal}`, 'It stands for every one of these messages; a message that differs is not sent.');
  return description;
}

/** Step 3, second half: the decision. @param yes - confirms without asking */
export async function decide(demo: Demo, description: DeliveryDescription, yes: boolean): Promise<void> {
  const { cli, delivery } = demo;
  const { terminal } = cli;
  const { seal = '', settings } = description;
  if (description.phase !== 'awaiting-decision') {
    return terminal.print(`Approval mode ${settings.approval.mode}: nobody has to decide.`);
  }
  terminal.heading('The decision');
  const people = deciders(description);
  const verdict = yes ? 'confirm' : await askForVerdict(demo, seal, people);
  for (const operator of verdict === 'reject' ? people.slice(0, 1) : people) {
    const { state } = await delivery.decide({ operator, verdict, seal, comment: 'given in the demo' });
    const what = verdict === 'confirm' ? 'confirms' : 'rejects';
    terminal.print(`Operator "${operator}" ${what} seal ${seal.slice(0, 8)}${state === 'queued' ? ' (queued)' : ''}.`);
  }
  if (verdict === 'reject') {
    throw new CliError('REFUSED', `The delivery is rejected and nothing was sent; it awaits a new revision.`);
  }
}

async function askForVerdict({ cli, signal }: Demo, seal: string, people: string[]): Promise<'confirm' | 'reject'> {
  const { terminal } = cli;
  terminal.print(`You decide as ${people.map((one) => `"${one}"`).join(' and ')}. Nothing leaves before.`);
  for (;;) {
    const answer = await terminal.ask('Type the first 8 characters of the seal to confirm, or "reject": ', signal);
    if (signal.aborted) throw new CliError('INTERRUPTED', 'Nothing was decided.');
    if (answer === undefined) throw new CliError('REFUSED', 'The input has ended: nothing was decided.');
    if (answer.toLowerCase() === 'reject') return 'reject';
    if (typedSealMatches(answer, seal)) return 'confirm';
    terminal.print(`That is neither "reject" nor the beginning of the seal (${seal.slice(0, 8)}…).`);
  }
}

/** Step 4, first half. @returns the last progress */
export async function showSending(demo: Demo): Promise<DeliveryProgress> {
  const { terminal } = demo.cli;
  terminal.heading('Step 4: sending');
  const display = new ProgressDisplay(terminal, (phase) =>
    phase === 'paused' ? 'Paused: sealpost resume goes on.' : undefined,
  );
  let last = await demo.delivery.progress();
  for await (const progress of follow(demo.delivery, pollMs, demo.signal)) {
    last = progress;
    display.update(progress, performance.now());
  }
  display.end(last);
  return last;
}

export interface Outcome {
  tally: { status: MessageStatus; reason: Reason | null; count: number }[];
  /** Absent where mail went to a real relay. */
  check?: InboxCheck;
}

/** Step 4, second half: what became of everybody, and whether the inbox says the same. */
export async function showOutcome({ cli, delivery, inboxFolder, messageIdFor }: Demo): Promise<Outcome> {
  const { terminal } = cli;
  terminal.heading('The outcome');
  const tally = new Map<string, Outcome['tally'][number]>();
  for await (const { status, reason } of delivery.messages()) {
    const key = `${status} ${reason ?? ''}`;
    tally.set(key, { status, reason, count: (tally.get(key)?.count ?? 0) + 1 });
  }
  const outcome: Outcome = { tally: [...tally.values()].sort((a, b) => b.count - a.count) };
  terminal.print(...tallyLines(outcome.tally));
  if (inboxFolder === undefined) return outcome;
  const [arrivals, { settings }] = [await readArrivals(inboxFolder), await delivery.show()];
  outcome.check = await compareWithInbox(delivery.messages(), arrivals, messageIdFor, settings.bcc);
  const { arrived, faults, faultCount } = outcome.check;
  if (faultCount === 0) {
    terminal.print(
      '',
      `Ledger and inbox agree: ${plural(arrived, 'message')} sent, each in the inbox once; no other message of this delivery is.`,
    );
  } else {
    terminal.print(
      '',
      `Ledger and inbox differ in ${plural(faultCount, 'message')}:`,
      ...faults.map((fault) => `  ${fault}`),
    );
  }
  return outcome;
}
