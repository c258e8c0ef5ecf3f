import { startScriptedRelay, type RelayAnswer, type ScriptedRelay } from '../smtp/scripted-relay.js';

/** What a rule permits. */
export interface RuleLimits {
  connections: number;
  messagesPerConnection: number;
  perPeriod: number;
  periodMs: number;
}

/** What arrived at the host that takes mail for a limited domain. */
export interface MxCounts {
  /** Messages begun, by when their period began. */
  byPeriod: ReadonlyMap<number, number>;
  mostOpen: number;
  mostOfConnection: number;
}

/** A host that takes everything, and counts by its own clock what it is told and how many connections are open. */
export class CountedMx {
  readonly #byPeriod = new Map<number, number>();
  readonly #byConnection = new Map<number, number>();
  #open = 0;
  #mostOpen = 0;
  #relay: ScriptedRelay | undefined;

  private constructor(private readonly periodMs: number) {}

  static async start(periodMs: number): Promise<CountedMx> {
    const mx = new CountedMx(periodMs);
    mx.#relay = await startScriptedRelay({ on: (stage, { connection }) => mx.#count(stage, connection) });
    return mx;
  }

  get url(): string {
    return this.#relay?.url ?? '';
  }

  get counts(): MxCounts {
    return {
      byPeriod: this.#byPeriod,
      mostOpen: this.#mostOpen,
      mostOfConnection: Math.max(0, ...this.#byConnection.values()),
    };
  }

  async stop(): Promise<void> {
    await this.#relay?.close();
  }

  #count(stage: string, connection: number): RelayAnswer {
    if (stage === 'connect') this.#mostOpen = Math.max(this.#mostOpen, (this.#open += 1));
    // From here on it takes nothing more; which of two events of two sockets comes first says nothing.
    if (stage === 'quit') this.#open -= 1;
    if (stage !== 'mail') return undefined;
    const period = Date.now() - (Date.now() % this.periodMs);
    this.#byPeriod.set(period, (this.#byPeriod.get(period) ?? 0) + 1);
    this.#byConnection.set(connection, (this.#byConnection.get(connection) ?? 0) + 1);
    return undefined;
  }
}

/** How a limit was kept and used. */
export interface RuleVerdict {
  /** What was passed, a sentence each. */
  passed: string[];
  /** Messages of each whole period in which enough of them were waiting, in order. */
  periods: number[];
  /** Share of their permits that was used. */
  used: number;
}

/**
 * The first period counts for no use, since it had begun before; behind the last one that counts, no more messages wait than
 * that period may have.
 *
 * @param messages - to the limited domain, all of them
 */
export function judgeCounts(
  { byPeriod, mostOpen, mostOfConnection }: MxCounts,
  limits: RuleLimits,
  messages: number,
): RuleVerdict {
  const { connections, messagesPerConnection, perPeriod, periodMs } = limits;
  const passed = [
    ...[...byPeriod].flatMap(([at, count]) =>
      count > perPeriod
        ? [`${count} messages in the period from ${new Date(at).toISOString()}, and ${perPeriod} may be`]
        : [],
    ),
    ...(mostOpen > connections ? [`${mostOpen} connections at a time, and ${connections} may be`] : []),
    ...(mostOfConnection > messagesPerConnection
      ? [`${mostOfConnection} messages over one connection, and ${messagesPerConnection} may be`]
      : []),
  ];
  const first = Math.min(...byPeriod.keys());
  const periods: number[] = [];
  let waiting = messages - (byPeriod.get(first) ?? 0);
  for (let at = first + periodMs; waiting >= perPeriod; at += periodMs) {
    const count = byPeriod.get(at) ?? 0;
    periods.push(count);
    waiting -= count;
  }
  const used = periods.reduce((sum, count) => sum + count, 0) / (periods.length * perPeriod);
  return { passed, periods, used };
}
