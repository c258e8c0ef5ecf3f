import {
  addEntries,
  importEntries,
  listEntries,
  removeEntries,
  stillDenied,
  type ImportCounts,
  type ListEntry,
  type ListFilter,
  type ListName,
} from '../store/address-lists.js';
import type { Connections } from './connection.js';
import { translated, translatedEach } from './failure-translation.js';
import { openListFile, type ListFile } from './list-file.js';
import { FaultCollection, judgeAddress, judgeOperator, judgeReason, judgeSender, valueOf } from './list-input.js';
import type { ImportProgress } from './list-entries.js';

/** Which of a recipient's entries is meant, on the denylist. */
export interface OfSender {
  /** Address of a sender, or `@` and a domain for all of its senders. @default all senders */
  sender?: string;
}

/** The quarantine is of addresses: it holds whoever sends. */
export interface OfAllSenders {
  sender?: never;
}

/** Who puts addresses on a list, and why. */
export interface Origin {
  /** Operator id. */
  operator: string;
  /** One line of 1,000 characters at the most, for people. */
  reason?: string;
}

/**
 * Addresses that get nothing: the denylist (`sealpost.denylist`) or the quarantine (`sealpost.quarantine`). The analysis
 * leaves them out, and what is added after it holds from the next claim on. Needs no Temporal. An address is meant
 * whatever the case of its domain, in its script or as A-label.
 */
export class AddressList<Scope extends OfSender | OfAllSenders> {
  constructor(
    readonly name: ListName,
    private readonly connections: Connections,
  ) {}

  /**
   * May be repeated: of who is there already, the time alone changes.
   *
   * @returns the addresses as the list has them
   * @throws ListInputError with all faults at once
   */
  async add(addresses: readonly string[], origin: Origin & Scope): Promise<{ added: string[]; present: string[] }> {
    const { operator, reason, ...entries } = judged({ ...origin, addresses });
    const added = await translated(() =>
      addEntries(this.connections.database, this.name, { ...entries, operator, reason }),
    );
    return { added, present: without(entries.addresses, added) };
  }

  /**
   * Takes off exactly the entries of this sender, or those that are for all senders. May be repeated.
   *
   * @returns the addresses as the list has them; `denied` are entries of theirs for other senders, which stay
   * @throws ListInputError with all faults at once
   */
  async remove(
    addresses: readonly string[],
    scope: Scope,
  ): Promise<{ removed: string[]; absent: string[]; denied: { address: string; sender: string }[] }> {
    const entries = judged({ ...scope, addresses });
    return await translated(async () => {
      const removed = await removeEntries(this.connections.database, this.name, entries);
      const denied = this.name === 'denylist' ? await stillDenied(this.connections.database, entries.addresses) : [];
      return { removed, absent: without(entries.addresses, removed), denied };
    });
  }

  /**
   * Adds all addresses of a file or none; memory does not grow with it. CSV in UTF-8 with a header that names `address` or
   * `email` and may name `sender` (of the denylist) and `reason`, or one address a line; gzip too.
   *
   * @param origin - its sender and reason are for entries that name none
   * @throws ListInputError with the faults by line: nothing is imported
   */
  async import(
    file: ListFile,
    origin: Origin & Scope,
    progress: (progress: ImportProgress) => void = () => undefined,
  ): Promise<ImportCounts> {
    const { readEntries } = await import('./list-entries.js');
    const { operator, ...defaults } = judged({ ...origin, addresses: [] });
    const entries = readEntries(this.name, openListFile(file), defaults, progress);
    return await translated(() => importEntries(this.connections.database, this.name, entries, operator));
  }

  /** Entries in order of address; memory does not grow with the list. @throws ListInputError for what is no sender */
  async *list(filter: ListFilter & Scope): AsyncGenerator<ListEntry, void, undefined> {
    const { sender } = judged({ ...filter, addresses: [] });
    yield* translatedEach(
      listEntries(this.connections.database, this.name, {
        ...filter,
        ...(filter.sender === undefined ? {} : { sender }),
      }),
    );
  }
}

/** What a caller gave, as the tables have it. @throws ListInputError with all that is wrong */
function judged(given: { addresses: readonly string[]; sender?: string; operator?: string; reason?: string }): {
  addresses: string[];
  sender: string;
  operator: string;
  reason: string | null;
} {
  const faults = new FaultCollection();
  const field = (name: string) => ({ field: name });
  const entries = {
    addresses: given.addresses.map((one, i) => valueOf(judgeAddress(one), faults, field(`address ${i + 1}`))),
    sender: valueOf(judgeSender(given.sender ?? ''), faults, field('sender')),
    operator: given.operator === undefined ? '' : valueOf(judgeOperator(given.operator), faults, field('operator')),
    reason: valueOf(judgeReason(given.reason ?? ''), faults, field('reason')) || null,
  };
  faults.refuse();
  return entries;
}

/** @returns addresses that are not among those that the database named, each once */
function without(addresses: readonly string[], named: readonly string[]): string[] {
  const those = new Set(named);
  return [...new Set(addresses)].filter((one) => !those.has(one));
}
