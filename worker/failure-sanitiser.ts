import { activityInfo, CompleteAsyncError } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from 'pino';
import { describeForLog, sanitise } from '../activities/failures.js';

/** Stands around every activity: whatever it throws reaches history as one of our sentences, and the log as a place. */
export function sanitiseFailures(log: Logger): ActivityInterceptorsFactory {
  const inbound: ActivityInboundCallsInterceptor = {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        if (error instanceof CancelledFailure || error instanceof CompleteAsyncError) throw error;
        const failure = sanitise(error);
        const { activityType, attempt, workflowExecution } = activityInfo();
        const level = failure.nonRetryable ? 'error' : 'warn';
        const delivery = workflowExecution?.workflowId;
        log[level](
          { activityType, attempt, delivery, failure: failure.type, ...describeForLog(error) },
          failure.message,
        );
        throw failure;
      }
    },
  };
  return () => ({ inbound });
}
