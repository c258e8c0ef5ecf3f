import { ActivityFailure } from '@temporalio/workflow';
import type { Untold } from '../src/delivery/process-requests.js';
import { unlessOvertaken } from './unless-overtaken.js';

/** People who cannot be told hold nothing up. @returns what came of the step, or why nothing did */
export async function toldOrWhyNot<T>(
  step: () => Promise<T>,
  overtaken: () => boolean,
): Promise<T | { counts: Record<string, number>; untold: Untold }> {
  try {
    return (await unlessOvertaken(step, overtaken)) ?? { counts: {}, untold: 'overtaken' };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { counts: {}, untold: 'failed' };
  }
}
