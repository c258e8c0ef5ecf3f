import { runningStack, type Env } from './environment.js';

/**
 * @param env - may name another Temporal server than that of the stack that runs here
 * @returns where a delivery is seen in Temporal's Web UI; only the embedded stack is known to have one, and where
 */
export function temporalPage({ workflowId }: { workflowId: string }, env: Env): string | undefined {
  const stack = runningStack(env);
  const given = env['TEMPORAL_ADDRESS'];
  if (stack?.temporalUiUrl === undefined || (given && given !== stack.temporalAddress)) return undefined;
  const namespace = encodeURIComponent(env['TEMPORAL_NAMESPACE'] || 'default');
  return `${stack.temporalUiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
}
