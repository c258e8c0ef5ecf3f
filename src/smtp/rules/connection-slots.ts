/** A process that uses connections of a bucket, or waits for some. */
export interface SlotHolder {
  holder: string;
  /** Most that it has open. */
  connections: number;
  /** 0 where it needs none. */
  wanted: number;
  /** Since when it has some, or waits; milliseconds since the epoch. */
  since: number;
}

/** How long a process waits for a connection before another one gives one up, and how long it may keep it then. */
export const slotPatienceMs = 3_000;

/**
 * How many connections a process may have from now on. What it has open beyond that stays counted until it is closed.
 *
 * - Those that wait are served in the order in which they came, one each; what is left over anybody may have.
 * - Where somebody has waited for long, whoever has more than an equal share gives up what is more; where all have their
 *   share, the one that has had it longest gives one up, and waits in its turn.
 *
 * @param limit - of all processes together
 * @param others - whose leases have not run out
 */
export function grantConnections(limit: number, others: readonly SlotHolder[], own: SlotHolder, now: number): number {
  const free = limit - others.reduce((sum, { connections }) => sum + connections, 0);
  // The limit has come down.
  if (own.connections > free) return Math.min(own.wanted, Math.max(0, free));
  const waiting = others.filter((one) => one.connections === 0 && one.wanted > 0);
  const ahead = waiting.filter((one) => own.connections > 0 || comesBefore(one, own)).length;
  if (own.connections === 0) return Math.max(0, Math.min(own.wanted, free - ahead));
  const patient = waiting.filter((one) => now - one.since >= slotPatienceMs).length;
  if (patient > free - own.connections) return Math.min(own.wanted, given(limit, others, own, now));
  return Math.min(own.wanted, Math.max(own.connections, free - ahead));
}

function given(limit: number, others: readonly SlotHolder[], own: SlotHolder, now: number): number {
  const users = others.filter(({ wanted }) => wanted > 0).length + 1;
  const share = Math.max(1, Math.floor(limit / users));
  if (own.connections > share) return share;
  const holders = others.filter(({ connections }) => connections > 0);
  const longest = now - own.since >= slotPatienceMs && holders.every((one) => !comesBefore(one, own));
  return longest && holders.every(({ connections }) => connections <= share) ? own.connections - 1 : own.connections;
}

const comesBefore = (one: SlotHolder, other: SlotHolder): boolean =>
  one.since < other.since || (one.since === other.since && one.holder < other.holder);
