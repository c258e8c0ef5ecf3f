import { ServiceError, isGrpcServiceError } from '@temporalio/client';
import { deliveryWorkflowId } from '../../workflows/messages.js';
import { definition } from './definition.js';
import { eventually, inPhase, openEnvironment } from './environment.js';
import { startOwnServers } from './own-servers.js';

/** Runs `count` calls, so many at a time. */
async function flood(count: number, atOnce: number, call: (n: number) => Promise<unknown>): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => n);
  while (numbers.length > 0) await Promise.all(numbers.splice(0, atOnce).map(call));
}

/** gRPC: RESOURCE_EXHAUSTED, FAILED_PRECONDITION (a workflow task failed or took too long), ABORTED, UNAVAILABLE. */
const busy = [8, 9, 10, 14];

/**
 * Calls until the server takes it: it refuses an eleventh Update in flight, counts some whose answer is out already, and
 * turns away what meets a run that ends.
 */
async function untilTaken(call: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await call();
      return;
    } catch (error) {
      const cause = error instanceof ServiceError ? error.cause : error;
      if (!isGrpcServiceError(cause) || !busy.includes(cause.code)) throw error;
    }
  }
}

test('a delivery that is flooded with junk continues as new, still obeys, and its histories stay short', async () => {
  // Its own: what it does to a server is nothing that other tests should wait for.
  const servers = await startOwnServers();
  const environment = await openEnvironment(servers);
  try {
    await environment.startWorker({ SMTP_URL: 'smtp://127.0.0.1:9' });
    const delivery = await environment.sealpost.start(definition({ id: 'flooded' }), { operator: 'author' });
    const { seal } = await inPhase(delivery, 'awaiting-decision');
    const handle = environment.temporal.workflow.getHandle(deliveryWorkflowId('flooded'));
    const junk: [string, unknown][] = [
      ['decide', { operator: 'stranger', verdict: 'confirm', seal }],
      ['decide', { verdict: 'confirm' }],
      ['selfDestruct', { now: true }],
      ['pause', 'x'.repeat(10_000)],
      // Each must be looked at by an activity.
      ['decide', { operator: 'approver', verdict: 'confirm', seal, signature: 'forged.by.somebody' }],
    ];
    await flood(10_000, 50, (n) => handle.signal(...(junk[n % junk.length] ?? ['junk', n])));
    await flood(2_500, 10, (n) => {
      // An id each: one that comes twice, for its answer was lost, counts once.
      const args: [object] = [{ operator: 'stranger', id: `update-${n}` }];
      return untilTaken(() => handle.executeUpdate('resume', { args }));
    });

    expect((await delivery.status()).phase).toBe('awaiting-decision');
    expect(await delivery.stop({ operator: 'owner' })).toEqual({ state: 'accepted' });
    expect((await delivery.outcome()).outcome).toBe('stopped');

    const runs = (
      await eventually(
        () => delivery.histories(),
        (seen) => seen.length > 1,
      )
    ).map(({ history }) => history.events.length);
    expect(runs.length).toBeGreaterThan(2);
    expect(Math.max(...runs)).toBeLessThan(10_000);
    const { journal, decisions } = await delivery.show();
    // Nothing was dropped: every refusal is counted, though not each has an entry of its own.
    const refused = journal
      .filter(({ accepted }) => accepted === false)
      .reduce((sum, { times }) => sum + (times ?? 1), 0);
    expect(refused).toBe(12_500);
    expect(decisions.every(({ accepted }) => !accepted)).toBe(true);
  } finally {
    await environment.close();
    await servers.stop();
  }
  // 12,500 calls, one by one at the server: a slow machine takes minutes.
}, 900_000);
