/** Which message something belongs to that comes back from outside: a link, a bounce. */
export interface MessageKey {
  /** Primary key of the delivery. */
  deliveryKey: number;
  /** 0 is the main target, N the Nth proof. */
  proof: number;
  seq: number;
}
