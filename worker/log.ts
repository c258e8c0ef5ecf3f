import { DefaultLogger } from '@temporalio/worker';
import { pino, type DestinationStream, type Logger } from 'pino';

/** The worker's log: JSON lines on standard error. Fields are ids, counts and places; no address, no content. */
export function makeLog(to: DestinationStream = pino.destination(2)): Logger {
  return pino({ name: 'sealpost-worker', base: {} }, to);
}

/** Said of the worker for batches, which has no workflows on purpose. */
const expected = /^No workflows registered/;

/** Temporal's SDK in our log: its warnings and errors, without what it says of how we mean it to be. */
export function sdkLogger(log: Logger): DefaultLogger {
  return new DefaultLogger('WARN', ({ level, message, meta }) => {
    if (expected.test(message)) return;
    log[level === 'ERROR' ? 'error' : 'warn']({ sdk: true, workflow: meta?.['workflowId'] }, message);
  });
}
