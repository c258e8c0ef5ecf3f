/**
 * Proof number under which the ledger keeps the copies that go to a delivery's archive (`bcc`), each with the sequence
 * number of its original. No message bears it: a copy is its original, byte for byte.
 */
export const archiveCopies = -1;

/** Which message something belongs to that comes back from outside: a link, a bounce. */
export interface MessageKey {
  /** Primary key of the delivery. */
  deliveryKey: number;
  /** 0 is the main target, N the Nth proof. */
  proof: number;
  seq: number;
}
