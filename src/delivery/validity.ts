import type { SendingSettings } from './definition.js';
import { durationMs } from './duration.js';

/** A relay that tries again by itself does so for some days: what reaches it later it could not deliver in time. */
export const enhancedValidityMs = durationMs('84h');

/** How long attempts may be made. */
export interface ValidityTerms {
  sending: Pick<SendingSettings, 'validity' | 'validUntil'>;
  /** The relay has retries of its own. */
  enhancedRelay?: boolean | undefined;
}

/**
 * @param startedAt - of sending, in milliseconds since the epoch
 * @returns milliseconds since the epoch; no attempt is made after it
 */
export function validityEnd({ sending, enhancedRelay }: ValidityTerms, startedAt: number): number {
  const { validity, validUntil } = sending;
  const end = validUntil === undefined ? startedAt + durationMs(validity) : Date.parse(validUntil);
  return enhancedRelay ? Math.min(end, startedAt + enhancedValidityMs) : end;
}
