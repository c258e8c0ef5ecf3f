import type {
  DeliveryFigures,
  DeliveryProgress,
  DeliveryReport,
  DomainStatus,
  RevisionDifference,
  Sealpost,
  WaveStatus,
} from '../../client/index.js';
import { stillOpen, type StatusCounts } from '../../delivery/message-status.js';
import type { Phase } from '../../delivery/phase.js';
import { addSample, estimate, type Estimate, type Sample } from '../../wording/progress-estimate.js';

/** So long a page waits for a count; after that it goes without, or with the one before. */
const patienceMs = 80;
/** Counting takes no more than this part of the time, however many people look. */
const share = 1 / 25;
const atLeastMs = 1_000;
/** What has ended changes only where somebody resolves what is in doubt. */
const endedMs = 15_000;
const mostKept = 500;
/** A report holds messages with their images. */
const mostReports = 20;

interface Kept<T> {
  value?: T;
  /** When the value was there. */
  at: number;
  /** How long it took, and the one before. */
  tookMs: [last: number, before: number];
  under?: Promise<T> | undefined;
}

/** What was counted lately. One count of each is under way at most, for all who ask. */
export class Recounted<T> {
  private readonly kept = new Map<string, Kept<T>>();

  constructor(
    /** Gets the value before, too. */
    private readonly count: (id: string, before: T | undefined) => Promise<T>,
    /** Milliseconds, of a clock that does not go back. */
    private readonly clock: () => number = () => performance.now(),
    private readonly most = mostKept,
  ) {}

  /**
   * @param freshMs - so old a value may be that is given without counting again
   * @param waitMs - so long a count is waited for
   * @returns undefined where there is none yet and counting takes longer
   * @throws whatever the count throws
   */
  async of(id: string, freshMs = atLeastMs, waitMs = patienceMs): Promise<T | undefined> {
    const kept = this.kept.get(id) ?? { at: -Infinity, tookMs: [0, 0] };
    // The last one asked for stands at the end, and the first one goes.
    this.kept.delete(id);
    this.kept.set(id, kept);
    if (this.kept.size > this.most) this.kept.delete(this.kept.keys().next().value ?? '');
    // One that had to wait for a connection tells nothing of the next, nor does the first.
    const old = Math.max(freshMs, Math.min(...kept.tookMs) / share);
    if (kept.value !== undefined && this.clock() - kept.at < old) return kept.value;
    kept.under ??= this.renew(id, kept);
    return await within(kept.under, waitMs, kept.value);
  }

  private async renew(id: string, kept: Kept<T>): Promise<T> {
    const begun = this.clock();
    try {
      const value = await this.count(id, kept.value);
      const at = this.clock();
      Object.assign(kept, { value, at, tookMs: [at - begun, kept.tookMs[0]] });
      return value;
    } catch (error) {
      this.kept.delete(id);
      throw error;
    } finally {
      kept.under = undefined;
    }
  }
}

async function within<T>(work: Promise<T>, ms: number, otherwise: T | undefined): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T | undefined>((resolve) => {
    timer = setTimeout(resolve, ms, otherwise);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Nobody may be waiting for it any more.
    work.catch(() => undefined);
  }
}

/** Whether some of them are not settled: what was counted before the end says so. */
export const someOpen = (parts: readonly { counts: StatusCounts }[] = []): boolean =>
  parts.some(({ counts }) => stillOpen(counts) > 0);

/** Of what has ended, nothing that was counted before. */
async function ofTheEnd<T>(
  all: Recounted<T>,
  id: string,
  { ended, isOpen, waitMs }: { ended: boolean; isOpen: (value: T) => boolean; waitMs?: number | undefined },
): Promise<T | undefined> {
  const found = await all.of(id, ended ? endedMs : atLeastMs, waitMs);
  return ended && found !== undefined && isOpen(found) ? await all.of(id, 0, waitMs) : found;
}

/** How far a delivery is, and how fast. */
export interface Pace extends DeliveryProgress {
  estimate?: Estimate;
  /** What the estimate is made from. */
  samples: readonly Sample[];
}

function paceOf(progress: DeliveryProgress, before: readonly Sample[]): Pace {
  if (progress.phase !== 'sending') return { ...progress, samples: [] };
  const samples = addSample(before, { at: performance.now(), settled: progress.settled });
  const estimated = estimate(samples, progress.total);
  return { ...progress, samples, ...(estimated && { estimate: estimated }) };
}

/** Which report: of a delivery as it stands, and of an analysis that is told apart from an earlier one. */
export interface ReportKey {
  id: string;
  phase: Phase;
  revision: string;
  seal?: string | undefined;
  /** Hash of the revision to compare with. */
  against?: string | undefined;
  addresses: boolean;
}

const keyText = ({ id, phase, revision, seal, against, addresses }: ReportKey): string =>
  JSON.stringify({ id, phase, revision, seal, against, addresses });

/** Counts of messages for pages: a scan of a large ledger takes longer than anybody waits for a page. */
export class LedgerView {
  private readonly paces: Recounted<Pace>;
  private readonly allFigures: Recounted<DeliveryFigures>;
  private readonly reports: Recounted<DeliveryReport>;
  private readonly differences: Recounted<{ found: RevisionDifference | undefined }>;
  private readonly allDomains: Recounted<DomainStatus[]>;
  private readonly allWaves: Recounted<WaveStatus[]>;

  constructor(sealpost: Sealpost) {
    this.paces = new Recounted(async (id, before) =>
      paceOf(await sealpost.delivery(id).progress(), before?.samples ?? []),
    );
    this.allFigures = new Recounted((id) => sealpost.delivery(id).figures());
    const ask = (key: string) => {
      const { id, against, addresses } = JSON.parse(key) as ReportKey;
      return { delivery: sealpost.delivery(id), options: { addresses, ...(against !== undefined && { against }) } };
    };
    const report = async ({ delivery, options }: ReturnType<typeof ask>) => await delivery.report(options);
    const difference = async ({ delivery, options }: ReturnType<typeof ask>) => ({
      found: await delivery.difference(options),
    });
    this.reports = new Recounted((key) => report(ask(key)), undefined, mostReports);
    this.differences = new Recounted((key) => difference(ask(key)), undefined, mostReports);
    this.allDomains = new Recounted((id) => sealpost.delivery(id).domains());
    this.allWaves = new Recounted((id) => sealpost.delivery(id).waves());
  }

  /** @param waitMs - where it is not a page that waits */
  async pace(id: string, ended: boolean, waitMs?: number): Promise<Pace | undefined> {
    return await ofTheEnd(this.paces, id, { ended, isOpen: (pace) => !pace.ended, waitMs });
  }

  /** @param waitMs - where it is not a page that waits */
  async figures(id: string, waitMs?: number): Promise<DeliveryFigures | undefined> {
    return await this.allFigures.of(id, atLeastMs, waitMs);
  }

  /** How a revision differs from another one; undefined also while they are compared. */
  async difference(which: ReportKey): Promise<RevisionDifference | undefined> {
    return (await this.differences.of(keyText(which), endedMs))?.found;
  }

  /** What a report says of that very analysis; undefined while it is made. */
  async report(which: ReportKey): Promise<DeliveryReport | undefined> {
    return await this.reports.of(keyText(which), endedMs);
  }

  async domains(id: string, ended: boolean): Promise<DomainStatus[] | undefined> {
    return await ofTheEnd(this.allDomains, id, { ended, isOpen: someOpen });
  }

  async waves(id: string, ended: boolean): Promise<WaveStatus[] | undefined> {
    return await ofTheEnd(this.allWaves, id, { ended, isOpen: someOpen });
  }
}
