const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The wish to stop, from a signal or from ourselves. */
export interface StopSignals {
  readonly signal: AbortSignal;
  /** Stops without a signal. */
  now(): void;
  /** Gives the signals back to the system's own handling. */
  release(): void;
}

/**
 * Takes Ctrl-C, SIGTERM and SIGHUP (the terminal closes) as the wish to stop.
 *
 * @param again - called at each further signal
 */
export function stopSignals(again: () => void): StopSignals {
  const controller = new AbortController();
  const take = (): void => {
    if (controller.signal.aborted) again();
    else controller.abort();
  };
  for (const name of names) process.on(name, take);
  return {
    signal: controller.signal,
    now: () => controller.abort(),
    release: () => {
      for (const name of names) process.off(name, take);
    },
  };
}
