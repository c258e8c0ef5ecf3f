import type { DeliverySettings } from './definition.js';
import { durationMs } from './duration.js';
import type { MessageStatus } from './message-status.js';

type MirrorSettings = DeliverySettings['mirror'];

/** Whether messages may hold the address of their page. */
export function mayLinkToMirror({ mode }: MirrorSettings): boolean {
  return mode === 'auto' || mode === 'always';
}

/** What decides whether a message has a page. */
export interface MirroredMessage {
  status: MessageStatus;
  firstClaimedAt: Date | null;
}

/** Why a message has no page. */
export type MirrorAbsence = 'never' | 'not-linked' | 'excluded' | 'unsent' | 'expired';

/** A message's page: the base of its address, and from when on it is not shown any more. */
export interface Mirror {
  hosted: string;
  expiresAt: Date;
}

/**
 * @param linked - whether the delivery's templates hold `mirror_url`
 * @param now - milliseconds since the epoch
 */
export function mirrorOf(
  { mode, hosted, expiresAfter }: MirrorSettings,
  linked: boolean,
  { status, firstClaimedAt }: MirroredMessage,
  now: number,
): Mirror | { absence: MirrorAbsence } {
  if (mode === 'never') return { absence: 'never' };
  if (hosted === undefined || (mode === 'auto' && !linked)) return { absence: 'not-linked' };
  if (status === 'ignored') return { absence: 'excluded' };
  if (!firstClaimedAt) return { absence: 'unsent' };
  const expiresAt = new Date(firstClaimedAt.getTime() + durationMs(expiresAfter));
  return now < expiresAt.getTime() ? { hosted, expiresAt } : { absence: 'expired' };
}
