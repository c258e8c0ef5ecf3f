import type { LedgerRow } from '../../src/client/index.js';
import { finalStatuses } from '../../src/delivery/message-status.js';
import type { RelayRecord } from './relay-script.js';

/** What the relay's record and the ledger say together; the relay is believed. */
export interface Verdict {
  /** Messages that the relay took, by Message-ID. */
  sent: number;
  /** Never taken and not known to be in doubt or refused. */
  lost: number;
  /** Copies beyond the first. */
  duplicated: number;
  /** `in-doubt`, and under `resend` what is marked as a possible duplicate. */
  inDoubt: number;
  /** One sentence for each thing that must not be; none where all is well. */
  faults: string[];
}

type Row = Pick<LedgerRow, 'address' | 'status' | 'possibleDuplicate'>;

/**
 * @param allowed - the most that may be in doubt
 */
export function judge(
  rows: readonly Row[],
  record: readonly RelayRecord[],
  { policy, allowed }: { policy: 'hold' | 'resend'; allowed: number },
): Verdict {
  const copies = copiesByRecipient(record);
  const refused = new Set(record.filter(({ kind }) => kind === 'refused').map(({ recipient }) => recipient));
  const faults: string[] = [];
  const of = (condition: (row: Row, taken: number) => boolean) =>
    rows.filter((row) => condition(row, copies.get(row.address)?.length ?? 0)).map(({ address }) => address);

  const lost = of((row, taken) => isLost(row, taken, refused));
  if (lost.length > 0) faults.push(`lost: ${some(lost)}`);
  const misrecorded = of(({ status }, taken) => taken > 0 && status !== 'sent' && status !== 'in-doubt');
  if (misrecorded.length > 0) faults.push(`taken, and recorded otherwise: ${some(misrecorded)}`);

  const duplicated = of((_, taken) => taken > 1);
  const unflagged = of((row, taken) => taken > 1 && !row.possibleDuplicate);
  if (policy === 'hold' && duplicated.length > 0) faults.push(`taken twice: ${some(duplicated)}`);
  if (policy === 'resend' && unflagged.length > 0) faults.push(`a duplicate not named as possible: ${some(unflagged)}`);
  const differing = [...copies].filter(([, each]) => new Set(each).size > 1).map(([recipient]) => recipient);
  if (differing.length > 0) faults.push(`copies differ: ${some(differing)}`);

  const inDoubt = of((row) => row.status === 'in-doubt' || row.possibleDuplicate).length;
  if (inDoubt > allowed) faults.push(`${inDoubt} in doubt, ${allowed} allowed`);
  const unsent = policy === 'resend' ? of(({ status }) => status === 'in-doubt') : [];
  if (unsent.length > 0) faults.push(`in doubt, and not sent again: ${some(unsent)}`);

  const all = [...copies.values()];
  return {
    sent: new Set(all.flat().map((copy) => copy.split(' ')[0])).size,
    lost: lost.length,
    duplicated: all.reduce((sum, each) => sum + each.length - 1, 0),
    inDoubt,
    faults,
  };
}

/** A message that the relay never took must be in doubt, or have failed by the relay's own word. */
function isLost({ address, status }: Row, taken: number, refused: ReadonlySet<string>): boolean {
  if (!(finalStatuses as readonly string[]).includes(status)) return true;
  if (taken > 0 || status === 'in-doubt') return false;
  return !(status === 'failed' && refused.has(address));
}

/** What makes two copies the same message: Message-ID and every byte. */
function copiesByRecipient(record: readonly RelayRecord[]): Map<string, string[]> {
  const copies = new Map<string, string[]>();
  for (const line of record) {
    if (line.kind !== 'taken') continue;
    copies.set(line.recipient, [...(copies.get(line.recipient) ?? []), `${line.messageId} ${line.sha256}`]);
  }
  return copies;
}

function some(addresses: readonly string[]): string {
  return `${addresses.length} (${addresses.slice(0, 3).join(', ')}${addresses.length > 3 ? ' …' : ''})`;
}
