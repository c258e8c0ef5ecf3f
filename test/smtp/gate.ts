import { EventEmitter, once } from 'node:events';

/**
 * Lets a test and a scripted relay wait for each other instead of sleeping: the script returns `opened` to hold a
 * message at a stage until the test calls `open`.
 */
export function gate(): { opened: Promise<undefined>; open: () => void } {
  const emitter = new EventEmitter();
  return { opened: once(emitter, 'open').then(() => undefined), open: () => emitter.emit('open') };
}
