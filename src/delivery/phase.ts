/** Where a delivery stands. The last four are final. */
export const phases = [
  'checking',
  'proofing',
  'analysing',
  'awaiting-decision',
  'awaiting-revision',
  'scheduled',
  'sending',
  'paused',
  'finished',
  'stopped',
  'expired',
  'failed',
] as const;
export type Phase = (typeof phases)[number];

export const finalPhases = ['finished', 'stopped', 'expired', 'failed'] as const;
export type FinalPhase = (typeof finalPhases)[number];

export function isFinal(phase: Phase): phase is FinalPhase {
  return (finalPhases as readonly Phase[]).includes(phase);
}

/** Whether the delivery has been decided on, and its messages are about to leave or are leaving. */
export function isUnderWay(phase: Phase): boolean {
  return phase === 'scheduled' || phase === 'sending' || phase === 'paused';
}
