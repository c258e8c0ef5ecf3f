import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, DeliveryDescription, Sealpost } from '../../src/client/index.js';
import type { Servers } from './servers.js';

/** Seconds, all of them. */
export interface AnalysisFigures {
  /** The client reads the definition and stores it with its recipients. */
  submission: number;
  /** Until a person could decide: target, every message rendered, seal. */
  analysis: number;
}

export interface SealpostTurn {
  /** From the confirmation to the settlement of the last message. */
  seconds: number;
  /** From the confirmation to the end of the delivery's workflow. */
  untilFinished: number;
  /** As the ledger has it. */
  sent: number;
}

/** Who gives all commands. */
export const operator = 'publisher';

/** Everything before the confirmation; none of it counts as sending. */
export async function analyse(
  sealpost: Sealpost,
  folder: string,
  id: string,
): Promise<{ delivery: Delivery; seal: string; figures: AnalysisFigures }> {
  const begun = Date.now();
  const delivery = await sealpost.start(folder, { operator, id });
  const stored = Date.now();
  const { seal, journal } = await decidable(delivery);
  const analysed = Date.parse(journal.find(({ phase }) => phase === 'awaiting-decision')?.at ?? '');
  return {
    delivery,
    seal,
    figures: { submission: (stored - begun) / 1_000, analysis: (analysed - stored) / 1_000 },
  };
}

async function decidable(delivery: Delivery): Promise<DeliveryDescription & { seal: string }> {
  for (;;) {
    const { phase } = await delivery.progress();
    if (phase === 'awaiting-decision') {
      const description = await delivery.show();
      if (description.seal !== undefined) return { ...description, seal: description.seal };
    }
    if (phase === 'awaiting-revision') {
      const { findings } = await delivery.show();
      throw new Error(`the analysis has found errors: ${findings.map(({ sentence }) => sentence).join('; ')}`);
    }
    await sleep(100);
  }
}

/**
 * The clock runs from the instant in which the decision is given, not from the answer to its Update: that comes when the
 * decision stands in the journal, and the first messages may have left by then.
 *
 * @throws Error when the delivery does not end as it should
 */
export async function confirmAndSend(
  servers: Servers,
  { delivery, seal }: { delivery: Delivery; seal: string },
): Promise<SealpostTurn> {
  const confirmed = Date.now();
  await delivery.decide({ operator, verdict: 'confirm', seal });
  const { outcome, reason, counts } = await delivery.outcome();
  const finished = Date.now();
  if (outcome !== 'finished') throw new Error(`the delivery ended as ${outcome} (${reason})`);
  const { rows } = await servers.database.query<{ last: Date }>(
    'select max(m.settled_at) as last from message m join delivery d on d.key = m.delivery where d.id = $1',
    [delivery.id],
  );
  const last = rows[0]?.last.getTime() ?? finished;
  return {
    seconds: (last - confirmed) / 1_000,
    untilFinished: (finished - confirmed) / 1_000,
    sent: counts.sent ?? 0,
  };
}
