import type { DeliveryProgress } from '../client/index.js';
import { addSample, bar, estimate, percentOf, progressText, type Sample } from '../wording/progress-estimate.js';
import type { Terminal } from './terminal.js';

/** Phases with something to measure: in others nothing leaves, or the counts by status say more than a bar. */
const measured: ReadonlySet<string> = new Set(['analysing', 'scheduled', 'sending', 'paused', 'finished']);

/** Without a terminal, a line at each tenth, and after this long where something moved. */
const quietMs = 10_000;

/** An analysis settles nothing: what it makes is what there is to measure. */
function measuredOf({ analysis, ...progress }: DeliveryProgress): DeliveryProgress {
  if (progress.phase !== 'analysing') return progress;
  return { ...progress, settled: analysis?.prepared ?? 0, total: analysis?.total ?? 0 };
}

/** Shows how a delivery goes on: a bar on a terminal, lines elsewhere. */
export class ProgressDisplay {
  private samples: Sample[] = [];
  private phase = '';
  private printed = { percent: -1, at: -Infinity, settled: -1 };

  constructor(
    private readonly terminal: Terminal,
    /** A sentence for a phase that has just begun; none where undefined. */
    private readonly phaseLine: (phase: DeliveryProgress['phase']) => string | undefined,
  ) {}

  /** @param now - milliseconds, of a clock that does not go back */
  update(delivery: DeliveryProgress, now: number): void {
    const progress = measuredOf(delivery);
    const { phase, settled, total } = progress;
    if (phase !== this.phase) this.enter(phase);
    if (!measured.has(phase) || total === 0) return this.terminal.show('');
    this.samples = addSample(this.samples, { at: now, settled });
    const text = progressText(
      progress,
      (phase === 'sending' || phase === 'analysing') && settled < total ? estimate(this.samples, total) : undefined,
    );
    if (this.terminal.animated) return this.terminal.show(`${bar(percentOf(progress))} ${text}`);
    if (this.isDue(progress, now)) {
      this.terminal.print(`  ${text}`);
      this.printed = { percent: percentOf(progress), at: now, settled };
    }
  }

  /** Leaves the last state of the bar standing. */
  end(progress: DeliveryProgress): void {
    this.terminal.show('');
    if (!this.terminal.animated || progress.phase !== 'finished' || progress.total === 0) return;
    this.terminal.print(`${bar(percentOf(progress))} ${progressText(progress, undefined)}`);
  }

  private enter(phase: DeliveryProgress['phase']): void {
    this.phase = phase;
    this.samples = [];
    const line = this.phaseLine(phase);
    if (line !== undefined) this.terminal.print(line);
  }

  private isDue(progress: DeliveryProgress, now: number): boolean {
    const { percent, at, settled } = this.printed;
    if (progress.settled === settled) return false;
    const tenth = Math.floor(percentOf(progress) / 10) > Math.floor(percent / 10);
    return tenth || now - at >= quietMs;
  }
}
