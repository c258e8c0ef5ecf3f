import { proxyActivities } from '@temporalio/workflow';
import { taskQueues } from '../../workflows/messages.js';

/** What anybody can run who may start workflows in the namespace: one activity of the real workers, by its name. */
export async function callActivity(name: string, input: object): Promise<unknown> {
  const activities = proxyActivities<Record<string, (input: object) => Promise<unknown>>>({
    taskQueue: taskQueues.delivery,
    startToCloseTimeout: '30s',
    retry: { maximumAttempts: 1 },
  });
  return await activities[name]?.(input);
}
