import type { DeliveryStanding, Sealpost } from '../../client/index.js';
import type { Phase } from '../../delivery/phase.js';
import { Recounted } from './ledger-view.js';

/** More of them wait for nobody's attention but an administrator's. */
const mostLookedAt = 50;
const freshMs = 3_000;

/** Deliveries that wait for an operator. */
export interface Waiting {
  /** For a confirmation that would count. */
  decisions: number;
  /** For their author or owner, since they have paused by themselves. */
  held: number;
}

type Standing = Pick<DeliveryStanding, 'phase' | 'heldFor' | 'author' | 'approvalRules' | 'pendingDecision'>;

/** Whom a delivery waits for, by where it stands. */
const kinds: readonly { kind: keyof Waiting; phase: Phase; people: (standing: Standing) => readonly string[] }[] = [
  { kind: 'decisions', phase: 'awaiting-decision', people: ({ pendingDecision }) => pendingDecision?.mayConfirm ?? [] },
  {
    kind: 'held',
    phase: 'paused',
    people: ({ heldFor, author, approvalRules }) =>
      heldFor === undefined ? [] : [author, ...approvalRules.map(({ owner }) => owner)],
  },
];

const nothing: Waiting = { decisions: 0, held: 0 };

/** @returns by operator */
function countWaiting(standings: readonly Standing[]): Map<string, Waiting> {
  const waiting = new Map<string, Waiting>();
  for (const standing of standings)
    for (const { kind, phase, people } of kinds)
      for (const operator of standing.phase === phase ? new Set(people(standing)) : []) {
        const before = waiting.get(operator) ?? nothing;
        waiting.set(operator, { ...before, [kind]: before[kind] + 1 });
      }
  return waiting;
}

/** Which deliveries wait for whom, looked up for all at once. */
export class WaitingDeliveries {
  private readonly byOperator: Recounted<Map<string, Waiting>>;

  constructor(sealpost: Sealpost) {
    this.byOperator = new Recounted(async () => {
      const standings: Standing[] = [];
      for (const { phase } of kinds)
        for (const { id } of await sealpost.list({ phases: [phase], limit: mostLookedAt }))
          standings.push(await sealpost.delivery(id).standing());
      return countWaiting(standings);
    });
  }

  /** @returns nothing also where that is not known yet */
  async of(operator: string): Promise<Waiting> {
    try {
      return (await this.byOperator.of('', freshMs))?.get(operator) ?? nothing;
    } catch {
      // A page that could be made is not to fail for what stands beside it.
      return nothing;
    }
  }
}
