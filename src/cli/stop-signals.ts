import type { EventEmitter } from 'node:events';
import { isatty } from 'node:tty';

/** The wish to stop, from a signal or from ourselves. */
export interface StopSignals {
  readonly signal: AbortSignal;
  /** Stops without a signal. */
  now(): void;
  /** Gives the signals back to the system's own handling. */
  release(): void;
}

/** Where signals come from; in tests, something else. */
interface SignalSource {
  process: Pick<EventEmitter, 'on' | 'off'>;
  /** Whether one of the standard streams is a terminal. */
  terminal: boolean;
}

const thisProcess = (): SignalSource => ({ process, terminal: [0, 1, 2].some((stream) => isatty(stream)) });

/**
 * Takes Ctrl-C, SIGTERM and, on a terminal, SIGHUP (it closes) as the wish to stop. Elsewhere SIGHUP is ignored: so
 * `nohup` had set it, which takes the terminal away from all three streams, and Node undoes that when it starts.
 *
 * @param again - called at each further signal
 */
export function stopSignals(again: () => void, source: SignalSource = thisProcess()): StopSignals {
  const controller = new AbortController();
  const take = (): void => {
    if (controller.signal.aborted) again();
    else controller.abort();
  };
  const handlers = [
    ['SIGINT', take],
    ['SIGTERM', take],
    ['SIGHUP', source.terminal ? take : () => undefined],
  ] as const;
  for (const [name, handler] of handlers) source.process.on(name, handler);
  return {
    signal: controller.signal,
    now: () => controller.abort(),
    release: () => {
      for (const [name, handler] of handlers) source.process.off(name, handler);
    },
  };
}
