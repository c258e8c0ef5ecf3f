import type { EndNoticeInput, NoticeResult } from '../activities/tell-operators.js';
import { telling } from './steps.js';
import { toldOrWhyNot } from './told-or-why-not.js';

/** Tells people that a delivery has ended. It outlives the delivery, whose end must not wait for a relay. */
export async function tellEnd(input: EndNoticeInput): Promise<NoticeResult> {
  return await toldOrWhyNot(
    () => telling.tellEnd(input),
    () => false,
  );
}
