import { ApplicationFailure, condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { applyCommand, refuseMalformed, type ProcessState } from '../src/delivery/process.js';
import { commandNames, parseCommand, type CommandName, type Verdict } from '../src/delivery/command.js';
import { commandUpdates, decisionsQuery, sendingEndedSignal, statusQuery, type DeliveryStatus } from './messages.js';

/** What arrives at one run. */
export interface Arrivals {
  /** Signals and Updates so far; a run can only take so many. */
  count: number;
  /** Updates are answered before their entry is in the journal: the run is about to end. */
  hurried: boolean;
}

/**
 * Registers what a delivery answers to. One handler takes all signals: with one a name, signals that wait before the
 * first workflow task would run in order of registration, and a last `pause` would be lost behind a `resume`.
 */
export function listen(state: ProcessState): Arrivals {
  const arrivals: Arrivals = { count: 0, hurried: false };
  setDefaultSignalHandler((name, input) => {
    arrivals.count += 1;
    if (name === sendingEndedSignal.name) state.sendingEnded = true;
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
      const verdict = take(state, name, input);
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

function take(state: ProcessState, name: string, input: unknown): Verdict {
  const parsed = parseCommand(name, input);
  if ('malformed' in parsed) return refuseMalformed(state, name, parsed.malformed, Date.now());
  return applyCommand(state, parsed.command, Date.now());
}

function statusOf(state: ProcessState): DeliveryStatus {
  const { phase, paused, revision, proofs, sealed } = state;
  const analysis = sealed && {
    seal: sealed.seal,
    count: sealed.count,
    findings: sealed.findings,
    expiresAt: new Date(sealed.expiresAt).toISOString(),
  };
  return { phase, paused, revision, proofs, ...analysis };
}
