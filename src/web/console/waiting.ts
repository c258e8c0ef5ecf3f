import type { Sealpost } from '../../client/index.js';
import { Recounted } from './ledger-view.js';

/** More of them wait for nobody's attention but an administrator's. */
const mostLookedAt = 50;
const freshMs = 3_000;

/** Which deliveries wait for whose decision, looked up for all at once. */
export class WaitingDecisions {
  private readonly byOperator: Recounted<Map<string, number>>;

  constructor(sealpost: Sealpost) {
    this.byOperator = new Recounted(async () => {
      const counts = new Map<string, number>();
      for (const { id } of await sealpost.list({ phases: ['awaiting-decision'], limit: mostLookedAt })) {
        const { pendingDecision } = await sealpost.delivery(id).standing();
        for (const operator of pendingDecision?.mayConfirm ?? []) counts.set(operator, (counts.get(operator) ?? 0) + 1);
      }
      return counts;
    });
  }

  /** @returns how many deliveries this operator's confirmation would count for; 0 also where that is not known yet */
  async of(operator: string): Promise<number> {
    try {
      return (await this.byOperator.of('', freshMs))?.get(operator) ?? 0;
    } catch {
      // A page that could be made is not to fail for what stands beside it.
      return 0;
    }
  }
}
