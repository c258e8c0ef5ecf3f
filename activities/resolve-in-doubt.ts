import { resolutionSchema, type Resolution, type ResolutionResult } from '../src/delivery/resolution.js';
import { resolveInDoubt as resolve, type ResendRange } from '../src/store/in-doubt.js';
import type { Dependencies } from './dependencies.js';

/** Carries out a decision on messages in doubt. Anybody can start its workflow, so its shape is checked here. */
export async function resolveInDoubt(
  { database }: Dependencies,
  { now, ...input }: Resolution & { now: number },
): Promise<ResolutionResult & { resend?: ResendRange }> {
  const parsed = resolutionSchema.safeParse(input);
  if (parsed.success) return await resolve(database, parsed.data, now);
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
  return { accepted: false, reason: faults.join('; ').slice(0, 500), messages: 0 };
}
