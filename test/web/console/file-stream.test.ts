import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileStream } from '../../../src/web/console/file-stream.js';

// With ES modules jest is no global.
const { jest: clock } = import.meta as unknown as { jest: typeof jest };

/** Wide enough that it is not taken at once. */
const much = 'x'.repeat(300_000);

test('what is written is what is downloaded, to its end', async () => {
  const written = [much, 'and ', 'the rest'];
  const out = fileStream(async (write) => {
    for (const piece of written) await write(piece);
  });
  expect(await text(out)).toBe(written.join(''));
});

test('a download whose work fails in the middle breaks off, and is no whole file', async () => {
  const out = fileStream(async (write) => {
    await write('a part');
    throw new Error('the database is away');
  });
  await expect(text(out)).rejects.toThrow('the database is away');
});

test('who goes away ends the work', async () => {
  let ended: (error: unknown) => void;
  const end = new Promise((resolve) => (ended = resolve));
  const out = fileStream(async (write) => {
    try {
      for (;;) await write(much);
    } catch (error) {
      ended(error);
      throw error;
    }
  });
  out.once('error', () => undefined);
  out.destroy();
  expect(await end).toMatchObject({ name: 'AbortError' });
});

test('who takes nothing for a minute ends it, too', async () => {
  clock.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  const out = fileStream(async (write) => {
    for (;;) await write(much);
  });
  const error = once(out, 'error');
  await clock.advanceTimersByTimeAsync(59_000);
  expect(out.destroyed).toBe(false);
  await clock.advanceTimersByTimeAsync(1_000);
  expect(await error).toEqual([expect.objectContaining({ message: 'nothing was taken for a minute' })]);
  clock.useRealTimers();
});

test('two at once, and a third where one of them has ended', async () => {
  const never = () => new Promise<void>(() => undefined);
  let finish = (): void => undefined;
  const first = fileStream(() => new Promise<void>((resolve) => (finish = resolve)));
  const second = fileStream(never);
  expect(() => fileStream(never)).toThrow('others are downloading');
  finish();
  await text(first);
  const third = fileStream(async (write) => await write('there'));
  expect(await text(third)).toBe('there');
  second.destroy();
});
