import { Context } from '@temporalio/activity';
import { z } from 'zod';

/** A cancellation comes with the answer to a heartbeat. */
const everyMs = 250;

const detailsSchema = z.record(z.string(), z.number());
type Details = z.infer<typeof detailsSchema>;

/** @returns what this attempt or the one before it told last */
export function lastHeartbeat(): Details {
  return detailsSchema.catch({}).parse(Context.current().info.heartbeatDetails);
}

/**
 * Runs work of an activity with several heartbeats a second, so that a killed worker is noticed within the heartbeat's
 * timeout and a cancellation reaches us.
 *
 * An attempt's details are those of the one before until it tells others.
 *
 * @param work - gets a function that sets the heartbeat's details (counts only: they are stored by Temporal) and throws
 *   when the activity has been cancelled
 */
export async function heartbeating<T>(work: (beat: (details: Details) => void) => Promise<T>): Promise<T> {
  const context = Context.current();
  let details = lastHeartbeat();
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
