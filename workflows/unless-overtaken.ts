import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';

/**
 * Runs a step, and gives it up when something overtakes it.
 *
 * @returns nothing where it was given up
 */
export async function unlessOvertaken<T>(step: () => Promise<T>, overtaken: () => boolean): Promise<T | undefined> {
  const scope = new CancellationScope();
  let done = false;
  const work = scope.run(step).finally(() => {
    done = true;
  });
  work.catch(() => undefined);
  await condition(() => done || overtaken());
  if (!done) scope.cancel();
  try {
    return await work;
  } catch (error) {
    if (isCancellation(error) && overtaken()) return undefined;
    throw error;
  }
}
