import type { DecisionRequestSettings } from './decision-request-settings.js';
import { durationMs } from './duration.js';
import { nextWorkingMinute } from './working-hours.js';

/** Why people are told that a decision is awaited. */
export type RequestReason = 'request' | 'reminder' | 'escalation';

/** What people were told so far. Instants are milliseconds since the epoch. */
export interface RequestsMade {
  /** Of the last time that anybody was told; it goes on as long as the delivery does. */
  number: number;
  /** The analysis that was told of. */
  sealedAt?: number;
  /** The gates that were open then. */
  gates?: string;
  remindAt?: number;
  /** Absent once it is done. */
  escalateAt?: number;
}

/** What is up for decision. */
export interface OpenRequest {
  sealedAt: number;
  /** Names what is open: where it changes, other people are asked. */
  gates: string;
  expiresAt: number;
}

/** Who is told next, and when. */
export interface DueRequest {
  reason: RequestReason;
  at: number;
}

/** When people are told again. */
export type RequestPlan = Pick<RequestsMade, 'remindAt' | 'escalateAt'>;

/**
 * What is due next: a request at once for each analysis and each gate that opens, then reminders, and one escalation. Nothing
 * is due after the request has expired. What is overdue, for no worker ran, is due now, and once.
 *
 * @param now - milliseconds since the epoch
 */
export function nextRequest(
  made: RequestsMade | undefined,
  { sealedAt, gates, expiresAt }: OpenRequest,
  now: number,
): DueRequest | undefined {
  if (now >= expiresAt) return undefined;
  if (made?.sealedAt !== sealedAt || made.gates !== gates) return { reason: 'request', at: now };
  const planned: { reason: RequestReason; at: number | undefined }[] = [
    { reason: 'escalation', at: made.escalateAt },
    { reason: 'reminder', at: made.remindAt },
  ];
  const [first] = planned
    .flatMap(({ reason, at }) => (at !== undefined && at < expiresAt ? [{ reason, at: Math.max(at, now) }] : []))
    .sort((one, other) => one.at - other.at);
  return first;
}

/** When something that is due at an instant may be told: people are not reminded at night. */
export function tellAt({ workingHours }: DecisionRequestSettings, reason: RequestReason, at: number): number {
  return workingHours === undefined || reason === 'request' ? at : nextWorkingMinute(workingHours, at);
}

/**
 * When people are told again who are told now. The rules of time zones change with the versions of Node: two of them could
 * come to different instants, so that no workflow asks this, and only keeps what an activity has answered.
 *
 * @param now - milliseconds since the epoch
 */
export function planAfter(settings: DecisionRequestSettings, now: number): RequestPlan {
  const { remindEvery, escalateAfter } = settings;
  const after = (reason: RequestReason, wait: string): number => tellAt(settings, reason, now + durationMs(wait));
  return {
    ...(remindEvery !== undefined && { remindAt: after('reminder', remindEvery) }),
    ...(escalateAfter !== undefined && { escalateAt: after('escalation', escalateAfter) }),
  };
}

/** What was made once people have been told. An escalation leaves the reminders as they are, and there is one an analysis. */
export function afterTelling(
  made: RequestsMade | undefined,
  { sealedAt, gates }: OpenRequest,
  reason: RequestReason,
  plan: RequestPlan,
): RequestsMade {
  const sameAnalysis = made?.sealedAt === sealedAt;
  const remindAt = reason === 'escalation' ? made?.remindAt : plan.remindAt;
  const escalateAt = sameAnalysis ? made.escalateAt : plan.escalateAt;
  return {
    number: (made?.number ?? 0) + 1,
    sealedAt,
    gates,
    ...(remindAt !== undefined && { remindAt }),
    ...(escalateAt !== undefined && reason !== 'escalation' && { escalateAt }),
  };
}

/** What was made where it turned out to be too late in the day: it waits. */
export function afterPostponing(made: RequestsMade, reason: RequestReason, until: number): RequestsMade {
  return { ...made, ...(reason === 'escalation' ? { escalateAt: until } : { remindAt: until }) };
}
