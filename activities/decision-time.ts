import { Context } from '@temporalio/activity';

/**
 * The workflow's clock as it goes on within an activity: the time that the workflow gave, plus what has passed since the
 * activity was scheduled (waiting for a worker and earlier attempts included). What is due and whether validity has
 * ended is decided by it; then tests can skip time.
 *
 * @param now - milliseconds since the epoch by the workflow's clock, when it scheduled the activity
 */
export function decisionClock(now: number): () => number {
  const scheduled = Context.current().info.scheduledTimestampMs;
  return () => now + Math.max(0, Date.now() - scheduled);
}
