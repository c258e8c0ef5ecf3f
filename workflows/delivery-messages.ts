import { ApplicationFailure, condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { applyCommand, refuseMalformed, type ProcessState } from '../src/delivery/process.js';
import { receiveSigned } from '../src/delivery/unverified-commands.js';
import { commandNames, parseCommand, type CommandName, type Verdict } from '../src/delivery/command.js';
import {
  breakerDueSignal,
  canaryDueSignal,
  commandUpdates,
  decisionsQuery,
  sendingEndedSignal,
  statusQuery,
  type DeliveryStatus,
} from './messages.js';

/** What arrives at one run. */
export interface Arrivals {
  /** Signals and Updates so far; a run can only take so many. */
  count: number;
  /** Verdicts on what had to be verified first, by their numbers; of this run alone. */
  verdicts: Map<number, Verdict>;
  /** Updates are answered before their entry is in the journal: the run is about to end. */
  hurried: boolean;
}

/**
 * Registers what a delivery answers to. One handler takes all signals: with one a name, signals that wait before the
 * first workflow task would run in order of registration, and a last `pause` would be lost behind a `resume`.
 */
export function listen(state: ProcessState): Arrivals {
  const arrivals: Arrivals = { count: 0, hurried: false, verdicts: new Map() };
  setDefaultSignalHandler((name, input) => {
    arrivals.count += 1;
    if (name === sendingEndedSignal.name) state.sendingEnded = true;
    else if (name === canaryDueSignal.name) state.canary ??= 'due';
    else if (name === breakerDueSignal.name) state.breakerDue = true;
    else take(state, name, input);
  });
  for (const name of commandNames) listenForUpdate(state, name, arrivals);
  setHandler(statusQuery, () => statusOf(state));
  setHandler(decisionsQuery, () => state.decisions);
  return arrivals;
}

function listenForUpdate(state: ProcessState, name: CommandName, arrivals: Arrivals): void {
  // The union of definitions does not tell which input goes with which name; `parseCommand` does, on either side.
  const definition: { name: string } = commandUpdates[name];
  setHandler(
    definition as (typeof commandUpdates)['pause'],
    async (input) => {
      arrivals.count += 1;
      const verdict = await verdictOn(take(state, name, input), arrivals);
      // Who has the answer finds it in the journal too.
      const entry = state.journalled;
      await condition(() => state.recorded >= entry || arrivals.hurried);
      return verdict;
    },
    {
      // Only shape and size: what the validator refuses leaves no trace in history.
      validator: (input) => {
        const parsed = parseCommand(name, input);
        if ('malformed' in parsed) throw ApplicationFailure.nonRetryable(parsed.malformed, 'MalformedCommand');
      },
    },
  );
}

/** @returns the verdict; of what must be verified first, its number */
function take(state: ProcessState, name: string, input: unknown): Verdict | number {
  const parsed = parseCommand(name, input);
  if ('malformed' in parsed) return refuseMalformed(state, name, parsed.malformed, Date.now());
  const { command } = parsed;
  return command.name === 'decide' || command.name === 'reviewProof'
    ? receiveSigned(state, command, Date.now())
    : applyCommand(state, command, Date.now());
}

async function verdictOn(taken: Verdict | number, arrivals: Arrivals): Promise<Verdict> {
  if (typeof taken !== 'number') return taken;
  await condition(() => arrivals.verdicts.has(taken) || arrivals.hurried);
  const verdict = arrivals.verdicts.get(taken);
  if (verdict) return verdict;
  // It goes along to the next run, which nobody can ask for it any more.
  throw ApplicationFailure.nonRetryable('its signature is still to be verified', 'StillUnverified');
}

function statusOf(state: ProcessState): DeliveryStatus {
  const { phase, paused, revision, proofs, sealed, heldFor } = state;
  const startsAt = sealed?.schedule?.startsAt;
  const analysis = sealed && {
    seal: sealed.seal,
    count: sealed.count,
    findings: sealed.findings,
    expiresAt: new Date(sealed.expiresAt).toISOString(),
  };
  return {
    phase,
    paused,
    revision,
    proofs,
    ...analysis,
    ...(startsAt !== undefined && { startsAt }),
    ...(heldFor !== undefined && { heldFor }),
  };
}
