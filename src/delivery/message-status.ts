/** Final ones: nothing more happens to such a message by itself. */
export const finalStatuses = ['sent', 'accepted-by-provider', 'failed', 'ignored', 'canceled', 'in-doubt'] as const;
export const openStatuses = ['pending', 'sending', 'retrying'] as const;
export const messageStatuses = [...openStatuses, ...finalStatuses] as const;
export type MessageStatus = (typeof messageStatuses)[number];

/** What one attempt at a message came to: `deferred` is worth another one, `rejected` is not. */
export const attemptOutcomes = ['sent', 'deferred', 'rejected', 'in-doubt'] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/**
 * Why a message is where it is. Codes and types follow the table of failures that operators of such systems know.
 */
export const reasons = {
  'user-unknown': { code: 1, type: 'hard' },
  'invalid-domain': { code: 2, type: 'soft' },
  unreachable: { code: 3, type: 'soft' },
  'account-disabled': { code: 4, type: 'hard' },
  'mailbox-full': { code: 5, type: 'soft' },
  'address-missing': { code: 7, type: 'hard' },
  'address-invalid': { code: 7, type: 'hard' },
  denylisted: { code: 8, type: 'hard' },
  quarantined: { code: 9, type: 'ignored' },
  'excluded-by-source': { code: 25, type: 'ignored' },
  double: { code: 10, type: 'ignored' },
  'control-group': { code: 127, type: 'ignored' },
  'over-limit': { code: 17, type: 'ignored' },
  refused: { code: 20, type: 'soft' },
  'personalisation-failed': { code: 25, type: 'ignored' },
} as const satisfies Record<string, { code: number; type: 'hard' | 'soft' | 'ignored' }>;

export type Reason = keyof typeof reasons;
/** Messages by status. */
export type StatusCounts = Partial<Record<MessageStatus, number>>;
/** Excluded recipients by reason. */
export type ReasonCounts = Partial<Record<Reason, number>>;

/** How many messages are not settled. */
export function stillOpen(counts: StatusCounts): number {
  return openStatuses.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}

/** How many messages relays took. */
export function taken(counts: StatusCounts): number {
  return (counts.sent ?? 0) + (counts['accepted-by-provider'] ?? 0);
}

/** Whether a relay took at least one message. */
export function tookAny(counts: StatusCounts): boolean {
  return taken(counts) > 0;
}
