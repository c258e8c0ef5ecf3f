import type { Reason } from './message-status.js';
import { formatsOf, type ProofSettings } from './proof-settings.js';

/** Whom a proof is to go to, with whose data. */
export interface ProofRecipient {
  /** Whom it goes to, as doubles are told by. */
  address: string;
  /** The profile whose data it shows. */
  row: number;
  /** What keeps the message from being made; names fields, never values. */
  fault?: string;
}

/** One message of a proof. */
export interface ProofMessage extends ProofRecipient {
  seq: number;
  /** It is left out, for this reason. */
  reason?: Reason;
  /** Of one that is not: what it commits to, in hexadecimal. */
  leaf?: string;
}

/**
 * The messages of a proof: one a recipient and format, numbered so that `formatOf` tells its format. A recipient is left
 * out once, for the first reason that holds: denylisted, in quarantine, without a message, double.
 *
 * @param listed - addresses on the denylist of the sender, and in quarantine
 */
export function proofMessages<Recipient extends ProofRecipient>(
  recipients: readonly Recipient[],
  settings: Pick<ProofSettings, 'formats' | 'keep'>,
  listed: { denylisted: ReadonlySet<string>; quarantined: ReadonlySet<string> },
): (Recipient & ProofMessage)[] {
  const { doubles = true, denylisted = true, quarantined = true } = settings.keep ?? {};
  const reached = new Set<string>();
  const reasonOf = ({ address, fault }: ProofRecipient): Reason | undefined => {
    if (!denylisted && listed.denylisted.has(address)) return 'denylisted';
    if (!quarantined && listed.quarantined.has(address)) return 'quarantined';
    if (fault !== undefined) return 'personalisation-failed';
    if (!doubles && reached.has(address)) return 'double';
    reached.add(address);
    return undefined;
  };
  const formats = formatsOf(settings);
  return recipients.flatMap((recipient, index) => {
    const reason = reasonOf(recipient);
    return formats.map((_format, nth) => ({
      ...recipient,
      seq: index * formats.length + nth + 1,
      ...(reason === undefined ? {} : { reason }),
    }));
  });
}
