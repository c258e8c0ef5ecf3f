import { faultsOfShape } from '../src/delivery/command.js';
import { resolutionSchema, type Resolution, type ResolutionResult } from '../src/delivery/resolution.js';
import { resolveInDoubt as resolve, type ResendRange } from '../src/store/in-doubt.js';
import type { Dependencies } from './dependencies.js';

/** Carries out a decision on messages in doubt. Anybody can start its workflow, so its shape is checked here. */
export async function resolveInDoubt(
  { database, relays }: Dependencies,
  { now, ...input }: Resolution & { now: number },
): Promise<ResolutionResult & { resend?: ResendRange }> {
  const parsed = resolutionSchema.safeParse(input);
  const isEnhanced = (relay: string): boolean => relays.get(relay)?.enhanced ?? false;
  if (parsed.success) return await resolve(database, parsed.data, now, isEnhanced);
  return { accepted: false, reason: faultsOfShape(parsed.error), messages: 0 };
}
