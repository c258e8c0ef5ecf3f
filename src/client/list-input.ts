import { parseAddress } from '../delivery/address.js';
import { operatorIdSchema } from '../delivery/operator-id.js';
import { singleLine } from '../delivery/definition-text.js';
import { storable } from '../store/copy-format.js';
import { parseDenylistSender } from '../store/denylist.js';
import { describeFault, type DefinitionFault } from './definition-faults.js';
import { SealpostError } from './errors.js';

/**
 * What a list was given cannot be used, all of it: nothing was changed. No sentence holds an address.
 */
export class ListInputError extends SealpostError {
  override readonly name = 'ListInputError';

  /**
   * @param faults - the first of them
   * @param count - of all, those that `faults` leaves out included
   */
  constructor(
    readonly faults: readonly DefinitionFault[],
    readonly count: number,
  ) {
    const more = count > faults.length ? [`… and ${count - faults.length} more`] : [];
    super('LIST_INVALID', [...faults.map(describeFault), ...more].join('\n'));
  }
}

/** More than anybody reads at once. */
const maxTold = 50;

/** Gathers faults in memory that does not grow with their number. */
export class FaultCollection {
  private readonly first: DefinitionFault[] = [];
  private count = 0;

  add(...faults: readonly DefinitionFault[]): void {
    this.count += faults.length;
    this.first.push(...faults.slice(0, maxTold - this.first.length));
  }

  /** @throws ListInputError where there are any */
  refuse(): void {
    if (this.count > 0) throw new ListInputError(this.first, this.count);
  }
}

/** A value as the lists have it, or what is wrong with it. */
type Judged = { value: string } | { sentence: string };

export function judgeAddress(text: string): Judged {
  const trimmed = text.trim();
  if (trimmed === '') return { sentence: 'there is no address' };
  const parsed = parseAddress(trimmed);
  if (parsed) return { value: parsed.key };
  if (/[\r\n]/.test(trimmed)) {
    return { sentence: 'a line break stands within the address; all lines must end alike, with LF or with CR LF' };
  }
  return { sentence: 'this is no e-mail address; it must be one such as ann@shop.example, without a name' };
}

/** Empty is for all senders. */
export function judgeSender(text: string): Judged {
  const trimmed = text.trim();
  const value = trimmed === '' ? '' : parseDenylistSender(trimmed);
  if (value !== undefined) return { value };
  return { sentence: 'this is no sender; it must be an address such as news@shop.example, or @shop.example for all' };
}

const reasonSchema = singleLine('it', 1_000);

export function judgeReason(text: string): Judged {
  const { success, data, error } = reasonSchema.safeParse(text.trim());
  return success ? { value: storable(data) } : { sentence: error.issues.map(({ message }) => message).join('; ') };
}

export function judgeOperator(id: string): Judged {
  const { success, data, error } = operatorIdSchema.safeParse(id);
  return success ? { value: data } : { sentence: error.issues.map(({ message }) => message).join('; ') };
}

/** @returns the value, or an empty one where it is wrong and `faults` says so */
export function valueOf(
  judged: Judged,
  faults: Pick<FaultCollection, 'add'>,
  place: Omit<DefinitionFault, 'sentence'>,
): string {
  if ('value' in judged) return judged.value;
  faults.add({ ...place, sentence: judged.sentence });
  return '';
}
