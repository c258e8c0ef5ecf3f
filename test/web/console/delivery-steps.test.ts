import type { DeliveryStanding } from '../../../src/client/index.js';
import type { Phase } from '../../../src/delivery/phase.js';
import { stepStates } from '../../../src/web/console/pages/delivery-steps.js';

interface Shown {
  phase: Phase;
  sealed?: true;
  begun?: true;
  proof?: 'current' | 'stale' | 'lost';
  error?: 'parameters' | 'analysis';
}

function standing({ phase, sealed, begun, proof, error }: Shown): DeliveryStanding {
  // A rule of step 1, and one that only the analysis knows.
  const rule = { parameters: 'html-without-lang', analysis: 'own-rule' };
  const finding = (step: keyof typeof rule) => ({ rule: rule[step], level: 'error', place: '', sentence: 's' });
  return {
    phase,
    ...(sealed && { seal: 's' }),
    ...(begun && { sendingSince: '2026-11-26T10:00:00Z' }),
    proofs:
      proof === undefined ? [] : [{ stale: proof === 'stale', counts: { [proof === 'lost' ? 'failed' : 'sent']: 1 } }],
    findings: error === undefined ? [] : [finding(error)],
  } as unknown as DeliveryStanding;
}

test.each<[Shown, parameters: string, proofs: string, analysis: string, confirmation: string]>([
  [{ phase: 'checking' }, 'current', 'waiting', 'waiting', 'waiting'],
  [{ phase: 'proofing' }, 'done', 'current', 'waiting', 'waiting'],
  [{ phase: 'analysing', proof: 'current' }, 'done', 'done', 'current', 'waiting'],
  [{ phase: 'analysing', proof: 'stale' }, 'done', 'skipped', 'current', 'waiting'],
  [{ phase: 'analysing', proof: 'lost' }, 'done', 'skipped', 'current', 'waiting'],
  [{ phase: 'awaiting-decision', sealed: true, proof: 'current' }, 'done', 'done', 'done', 'wanted'],
  [{ phase: 'awaiting-revision', error: 'parameters' }, 'failed', 'waiting', 'waiting', 'waiting'],
  [{ phase: 'awaiting-revision', proof: 'current', error: 'analysis' }, 'done', 'done', 'failed', 'waiting'],
  [{ phase: 'scheduled', sealed: true, proof: 'current' }, 'done', 'done', 'done', 'current'],
  [{ phase: 'sending', sealed: true, begun: true }, 'done', 'skipped', 'done', 'current'],
  [{ phase: 'paused', sealed: true, begun: true }, 'done', 'skipped', 'done', 'wanted'],
  [{ phase: 'finished', sealed: true, begun: true, proof: 'current' }, 'done', 'done', 'done', 'done'],
  [{ phase: 'expired', sealed: true }, 'done', 'skipped', 'done', 'failed'],
  [{ phase: 'stopped' }, 'skipped', 'skipped', 'skipped', 'skipped'],
  [{ phase: 'stopped', sealed: true, begun: true }, 'done', 'skipped', 'done', 'failed'],
  [{ phase: 'failed' }, 'skipped', 'skipped', 'skipped', 'failed'],
])('%j', (shown, parameters, proofs, analysis, confirmation) => {
  expect(stepStates(standing(shown))).toEqual({ parameters, proofs, analysis, confirmation });
});
