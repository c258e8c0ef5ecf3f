import { Context } from '@temporalio/activity';

const everyMs = 1_000;

/**
 * Runs work of an activity with a heartbeat every second, so that a killed worker is noticed within the heartbeat's
 * timeout and a cancellation reaches us.
 *
 * @param work - gets a function that sets the heartbeat's details (counts only: they are stored by Temporal) and throws
 *   when the activity has been cancelled
 */
export async function heartbeating<T>(
  work: (beat: (details: Record<string, number>) => void) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  let details: Record<string, number> = {};
  const timer = setInterval(() => context.heartbeat(details), everyMs);
  try {
    return await work((latest) => {
      details = latest;
      context.cancellationSignal.throwIfAborted();
    });
  } finally {
    clearInterval(timer);
  }
}
