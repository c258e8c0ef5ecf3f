import { domainOf } from '../src/delivery/address.js';
import { plannedPerPermit } from '../src/smtp/rules/permits.js';
import { putOff, type BatchKey, type ClaimedMessage } from '../src/store/claims.js';
import type { Database } from '../src/store/database.js';
import { Lane } from './lane.js';
import type { RelayLanes } from './message-lanes.js';
import type { LedgerExchange, Look } from './ledger-exchange.js';

/**
 * The lanes that an attempt at a batch has met. Once a lane is known for a domain, its messages are claimed as the lane has
 * room, and the claims of all others leave them out.
 */
export class BatchLanes {
  private readonly looksByLane = new Map<Lane, Look>();

  constructor(
    private readonly ledger: LedgerExchange,
    private readonly general: Look,
    private readonly relayLanes: RelayLanes | undefined,
  ) {
    for (const [lane, domains] of relayLanes?.expected() ?? [])
      for (const domain of domains) this.leaveTo(lane, domain);
  }

  get looks(): Look[] {
    return [...this.looksByLane.values()];
  }

  /** Nothing more of them can be claimed: they have been looked through, or nothing leaves over them for a while. */
  get finished(): boolean {
    // For what has a time of its own nobody waits.
    const holds = (lane: Lane, { dueOnly }: Look): boolean => lane.hold(dueOnly ? undefined : 0) !== undefined;
    return [...this.looksByLane].every(([lane, look]) => look.exhausted || holds(lane, look));
  }

  /** @returns undefined where the message leaves as its relay says; a promise where that is not known yet */
  find({ address }: ClaimedMessage): Lane | Promise<void> | undefined {
    const lane = this.relayLanes?.find(address);
    if (lane instanceof Lane) this.leaveTo(lane, domainOf(address));
    return lane;
  }

  /**
   * Gives what is left for lanes over which nothing leaves for a while its time.
   *
   * @returns the first of these times, in milliseconds since the epoch; Infinity without any
   */
  async putOff(
    database: Database,
    batch: BatchKey & { epoch: number },
    range: { from: number; to: number },
    now: number,
  ): Promise<number> {
    let first = Infinity;
    for (const [lane, look] of this.looksByLane) {
      const hold = lane.hold(0);
      if (!hold || look.exhausted) continue;
      const { inMs, periodMs, perPeriod, period } = hold;
      const at = await putOff(database, batch, range, {
        domains: look.domains,
        now,
        until: now + inMs,
        ...(period !== undefined && {
          permits: { bucket: lane.bucket, period, periodMs, perPeriod: perPeriod * plannedPerPermit },
        }),
      });
      first = Math.min(first, at ?? Infinity);
    }
    return first;
  }

  private leaveTo(lane: Lane, domain: string): void {
    const look = this.looksByLane.get(lane) ?? this.ledger.look(lane, true);
    this.looksByLane.set(lane, look);
    if (look.domains.includes(domain)) return;
    look.domains.push(domain);
    look.again();
    if (!this.general.domains.includes(domain)) this.general.domains.push(domain);
  }
}
