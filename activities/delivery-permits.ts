import type { Logger } from 'pino';
import { ratePeriodMs, type Rate } from '../src/delivery/rate.js';
import { permitsIn } from '../src/smtp/rules/permits.js';
import type { PutOff } from '../src/store/claims.js';
import type { Database } from '../src/store/database.js';
import { readRate } from '../src/store/delivery-rate.js';
import { exchangeBucket } from '../src/store/sending-buckets.js';
import { describeForLog } from './failures.js';
import { PermitLease, permitPatienceMs } from './permit-lease.js';

/** How often a worker looks whether the rate is another one now. */
const lookMs = 1_000;
/** So many leases a period: other workers must find some left. */
const leasesPerPeriod = 10;

/** When a batch whose permits are used up goes on, and how those are spread that wait. */
export type PermitPlan = NonNullable<PutOff['permits']> & { inMs: number };

/** What one attempt at a batch may claim by the delivery's own rate, whose permits all workers share. */
export class DeliveryPermits {
  readonly #lease = new PermitLease();
  #rate: Rate | undefined;
  /** On the monotonic clock. */
  #lookedAt = -Infinity;
  #unknown = false;

  constructor(
    private readonly database: Database,
    private readonly deliveryKey: number,
    private readonly log: Logger,
  ) {}

  /** @returns messages that may be claimed now */
  async room(): Promise<number> {
    const isSpent = this.#rate !== undefined && this.#lease.left === 0 && this.#lease.outFor === 0;
    if (isSpent || performance.now() - this.#lookedAt >= lookMs) await this.#look();
    if (this.#unknown) return 0;
    return this.#rate ? this.#lease.left : Infinity;
  }

  use(messages: number): void {
    if (this.#rate) this.#lease.take(messages);
  }

  /** Where the next permits are not worth waiting for. */
  get plan(): PermitPlan | undefined {
    const { left, outFor, plan } = this.#lease;
    if (!this.#rate || left > 0 || outFor < permitPatienceMs || !plan) return undefined;
    return { bucket: this.#bucket(this.#rate), ...plan };
  }

  /** Gives back what was leased and not used; killed before it, that is lost with its period. */
  async close(): Promise<void> {
    const left = this.#lease.take();
    if (this.#rate && left > 0) await this.#exchange(this.#rate, -left).catch(() => undefined);
  }

  /** A database that is away says nothing of the rate: nothing is claimed then. */
  async #look(): Promise<void> {
    this.#lookedAt = performance.now();
    try {
      this.#rate = await readRate(this.database, this.deliveryKey);
      if (this.#rate && this.#lease.left === 0) await this.#exchange(this.#rate);
      this.#unknown = false;
    } catch (error) {
      this.#unknown = true;
      this.log.warn(
        { deliveryKey: this.deliveryKey, ...describeForLog(error) },
        'no permits of a rate could be leased',
      );
    }
  }

  async #exchange(rate: Rate, wanted?: number): Promise<void> {
    const askedAt = performance.now();
    const periodMs = ratePeriodMs(rate);
    const { permits } = await exchangeBucket(this.database, {
      bucket: this.#bucket(rate),
      permits: {
        rate,
        periodMs,
        wanted: wanted ?? Math.ceil(permitsIn(rate, 0, periodMs) / leasesPerPeriod) + 1,
        ofPeriod: this.#lease.period,
      },
    });
    if (permits) this.#lease.add(permits, askedAt, periodMs);
  }

  /** Periods of another length are counted apart. */
  #bucket(rate: Rate): string {
    return `delivery:${this.deliveryKey}/${ratePeriodMs(rate)}`;
  }
}
