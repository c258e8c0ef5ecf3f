import type { SendingSettings } from './definition.js';
import { durationMs } from './duration.js';
import { timeText } from './plain-words.js';
import { defaultLateness } from './schedule-settings.js';

/**
 * Whether sending begins later than whoever confirmed it could expect: after the contact date, or after the confirmation
 * where that came later.
 *
 * @param start - `startsAt` is the contact date, ISO 8601; the others are milliseconds since the epoch
 * @returns why it is too late, for a person; undefined where it is not. Without a contact date any delay is tolerated
 *   unless the definition says otherwise
 */
export function lateStart(
  { lateness }: Pick<SendingSettings, 'lateness'>,
  { acceptedAt, startsAt, now }: { acceptedAt: number; startsAt: string | undefined; now: number },
): string | undefined {
  const tolerated = lateness ?? (startsAt === undefined ? undefined : defaultLateness);
  if (tolerated === undefined) return undefined;
  const due = Math.max(acceptedAt, startsAt === undefined ? acceptedAt : Date.parse(startsAt));
  if (now - due <= durationMs(tolerated)) return undefined;
  const [was, is] = [due, now].map((at) => timeText(new Date(at).toISOString()));
  return `sending was due at ${was} and could begin only at ${is}, later than sending.lateness allows (${tolerated})`;
}
