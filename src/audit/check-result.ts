import type { Check, Judgement } from './checks/check.js';
import type { Fault } from './read-bundle.js';

/** How one check came out. */
export interface CheckResult {
  name: string;
  /** What holds where it is ok. */
  title: string;
  state: 'ok' | 'failed' | 'skipped';
  /** The first ones. */
  faults: Fault[];
  /** How many there are beside. */
  more: number;
  note?: string;
}

const shownFaults = 20;

export function checkResult(
  { name, title }: Pick<Check, 'name' | 'title'>,
  { faults, note, skipped }: Judgement,
): CheckResult {
  const state = faults.length > 0 ? 'failed' : skipped === undefined ? 'ok' : 'skipped';
  const shown = { faults: faults.slice(0, shownFaults), more: Math.max(0, faults.length - shownFaults) };
  const said = state === 'skipped' ? skipped : note;
  return { name, title, state, ...shown, ...(said !== undefined && { note: said }) };
}

/** Whether what is signed is signed by the key that the auditor trusts; without one, by which. */
export function judgeKey(thumbprint: string, trusted: string | undefined): Judgement {
  if (trusted === undefined) return { faults: [], note: `by the key that the file itself names, ${thumbprint}` };
  if (trusted === thumbprint) return { faults: [], note: `by the key that you named, ${thumbprint}` };
  const what = `it is signed by another key than the one that you named: ${thumbprint}`;
  return { faults: [{ part: 'signature', what }] };
}
