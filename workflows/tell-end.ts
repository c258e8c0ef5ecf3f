import { ActivityFailure } from '@temporalio/workflow';
import type { EndNoticeInput, NoticeResult } from '../activities/tell-operators.js';
import { telling } from './steps.js';

/** Tells people that a delivery has ended. It outlives the delivery, whose end must not wait for a relay. */
export async function tellEnd(input: EndNoticeInput): Promise<NoticeResult> {
  try {
    return await telling.tellEnd(input);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { counts: {}, untold: 'failed' };
  }
}
