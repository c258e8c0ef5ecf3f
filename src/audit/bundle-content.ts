import { partSchemas, type PartName, type PartRow } from './bundle-format.js';
import type { ChainedEntry } from './journal-chain.js';
import { scheduleHash } from './merkle.js';
import { replayApproval, type ApprovalReplay } from './checks/approval-replay.js';
import type { BundleFacts, Check } from './checks/check.js';
import { LedgerSum, ProofSums } from './checks/ledger-sum.js';
import { copyCheck, messageChecks } from './checks/message-checks.js';
import { Originals } from './checks/originals.js';
import { summariseRun, type HistoryEvent, type RunSummary } from './checks/run-summary.js';
import { judgeSignatures, type SignatureJudgement } from './checks/signature-judgement.js';
import { parsed, type BundleLine, type Fault } from './read-bundle.js';

/** @returns why today's code does not do again what a history says; undefined where it does */
export type ReplayRun = (workflowId: string, events: readonly HistoryEvent[]) => Promise<string | undefined>;

/** A message's row, and how its leaf lies in the tree. */
export interface FoundMessage {
  row: PartRow<'messages'>;
  archive?: string;
  revision: string;
  seal: string;
  /** SHA-256 of the schedule under the seal. */
  schedule?: string;
  index: number;
  count: number;
  path: Buffer[];
}

type Takers = { [Name in PartName]: (row: PartRow<Name>, line: number) => void | Promise<void> };

/** Takes a bundle's rows as they are read, and keeps what the checks need of them: no message, and one run at a time. */
export class BundleContent {
  private delivery: PartRow<'delivery'> | undefined;
  private readonly revisions: PartRow<'revisions'>[] = [];
  private readonly findings: PartRow<'findings'>[] = [];
  private readonly operators: PartRow<'operators'>[] = [];
  private readonly operatorEvents: PartRow<'operator-events'>[] = [];
  private readonly journal: ChainedEntry[] = [];
  private judged: { signatures: SignatureJudgement; approval: ApprovalReplay } | undefined;
  private readonly runs: RunSummary[] = [];
  private run: { workflowId: string; runId: string; events: HistoryEvent[] } | undefined;
  private readonly ledger = new LedgerSum();
  private readonly proofs = new ProofSums();
  private readonly originals: Originals;
  private readonly messageFaults: Record<string, Fault[]> = {};
  private wanted: PartRow<'messages'> | undefined;

  constructor(
    private readonly pseudonymised: boolean,
    private readonly options: {
      replay: ReplayRun | string;
      /** Reads the messages once more, from the first one. */
      messages: () => AsyncGenerator<PartRow<'messages'>>;
      messageId?: string;
    },
  ) {
    this.originals = new Originals(options.messages);
  }

  private readonly takers: Takers = {
    delivery: (row) => void (this.delivery = row),
    revisions: (row) => void this.revisions.push(row),
    findings: (row) => void this.findings.push(row),
    operators: (row) => void this.operators.push(row),
    'operator-events': (row) => void this.operatorEvents.push(row),
    journal: (row) => void this.journal.push(row),
    histories: (row) => this.takeHistory(row),
    messages: (row, line) => this.takeMessage(row, line),
    proofs: async (row, line) => {
      this.proofs.add(row);
      await this.judgeMessage('proofs', row, line);
    },
    copies: async (row, line) => {
      await this.judgeMessage('copies', row, line);
      const what = await this.originals.whyNoCopy(row);
      if (what !== undefined) this.blame('copies', { part: 'copies', line, what: `message ${row.seq} ${what}` });
    },
  };

  /** @returns what is wrong with the line itself */
  async take({ part, line, bytes }: BundleLine): Promise<string | undefined> {
    if (!Object.hasOwn(partSchemas, part)) return 'this line belongs to no part that is known';
    const name = part as PartName;
    const row = parsed(partSchemas[name], bytes);
    if (row === undefined) return 'this line cannot be read';
    // The table is keyed by part; TypeScript cannot follow one name through both tables.
    const taker = this.takers[name] as (row: object, line: number) => void | Promise<void>;
    await taker(row, line);
    return undefined;
  }

  private async takeHistory(row: PartRow<'histories'>): Promise<void> {
    if ('event' in row) return void this.run?.events.push(row.event);
    await this.endRun();
    this.run = { ...row.run, events: [] };
  }

  private async endRun(): Promise<void> {
    if (!this.run) return;
    const { replay } = this.options;
    const { workflowId, events } = this.run;
    const summary = summariseRun(this.run, events);
    const notReplayed = typeof replay === 'string' ? undefined : await replay(workflowId, events);
    this.runs.push({ ...summary, ...(notReplayed !== undefined && { notReplayed }) });
    this.run = undefined;
  }

  private async takeMessage(row: PartRow<'messages'>, line: number): Promise<void> {
    if (row.messageId === this.options.messageId) {
      this.wanted = row;
      this.ledger.tree.watchNext();
    }
    this.ledger.add(row);
    await this.judgeMessage('messages', row, line);
  }

  private async judgeMessage(part: PartName, row: PartRow<'messages'>, line: number): Promise<void> {
    const { schedule } = this.analysed() ?? {};
    const { approval } = this.judged ?? (await this.judgeJournal());
    const facts = { journal: this.journal, approval, ...(schedule && { schedule }) };
    for (const { name, parts, judge } of messageChecks) {
      const what = parts.includes(part) ? judge(row, facts) : undefined;
      if (what === undefined) continue;
      this.blame(name, { part, line, what: `message ${row.seq} ${what}` });
    }
  }

  private blame(check: string, fault: Fault): void {
    (this.messageFaults[check] ??= []).push(fault);
  }

  /** The revision that the messages belong to. */
  private analysed(): PartRow<'revisions'> | undefined {
    return this.revisions.find(({ hash }) => hash === this.delivery?.analysedRevision);
  }

  /** Once, for the journal stands before the messages. */
  private async judgeJournal(): Promise<{ signatures: SignatureJudgement; approval: ApprovalReplay }> {
    const { delivery, journal, operators, revisions, findings } = this;
    const signatures = await judgeSignatures(delivery?.id, journal, { operators, revisions });
    // What nobody signed in that version is judged as it was then, and told.
    const signed = new Set([...signatures.proven, ...signatures.early]);
    return (this.judged = { signatures, approval: replayApproval(journal, { revisions, findings }, signed) });
  }

  /** Call it when all rows were taken. */
  async facts(): Promise<BundleFacts> {
    await this.endRun();
    await this.originals.close();
    const { pseudonymised, delivery, revisions, findings, operators, operatorEvents, journal, runs } = this;
    const { signatures, approval } = this.judged ?? (await this.judgeJournal());
    return {
      pseudonymised,
      ...(delivery && { delivery }),
      revisions,
      findings,
      operators,
      operatorEvents,
      journal,
      signatures,
      approval,
      runs,
      ledger: this.ledger,
      proofs: this.proofs,
    };
  }

  /** Checks of what was seen on the way. */
  checks(): Check[] {
    return [
      ...[...messageChecks, copyCheck].map(({ name, title }) => ({
        name,
        title,
        judge: () => ({ faults: this.messageFaults[name] ?? [] }),
      })),
      {
        name: 'replay',
        title: 'the workflow code of this version does again what the histories tell',
        judge: ({ runs }) => {
          const { replay } = this.options;
          if (typeof replay === 'string') return { faults: [], skipped: replay };
          const faults = runs.flatMap(({ workflowId, notReplayed }) =>
            notReplayed === undefined ? [] : [{ part: 'histories', what: `${workflowId}: ${notReplayed}` }],
          );
          return { faults, note: `${runs.length} runs` };
        },
      },
    ];
  }

  /** @returns the message that was looked for, if it is under the seal */
  found(): FoundMessage | undefined {
    const { wanted, delivery, ledger } = this;
    const place = ledger.tree.watched();
    const revision = this.analysed();
    if (!wanted?.leaf || !place || !delivery || !revision) return undefined;
    const { archive } = delivery;
    const { schedule } = revision;
    return {
      row: wanted,
      ...(archive !== undefined && { archive }),
      ...(schedule && { schedule: scheduleHash(schedule) }),
      revision: revision.hash,
      seal: delivery.approvedSeal ?? revision.seal ?? '',
      count: ledger.tree.count,
      ...place,
    };
  }
}
