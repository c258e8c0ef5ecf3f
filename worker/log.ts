import { pino, type Logger } from 'pino';

/** The worker's log: JSON lines on standard error. Fields are ids, counts and places; no address, no content. */
export function makeLog(): Logger {
  return pino({ name: 'sealpost-worker', base: {} }, pino.destination(2));
}
