import { durationMs } from '../../src/delivery/duration.js';
import { nextAttemptAt } from '../../src/delivery/retry-timetable.js';
import { retryPace } from '../../src/smtp/retry-pace.js';
import { fullPace, nextPace, pacing, type Pace } from '../../src/smtp/rules/pace.js';

/** As they are by default: docs/parameters.md. */
const retries = { inFirstDay: 5, interval: '1h' };
const validity = '5d';
const hour = durationMs('1h');
const outage = 48 * hour;
/** Between two attempts of one worker: what a host that refuses takes. */
const attemptMs = 100;

interface Message {
  attempts: number;
  firstAttemptAt: number;
  dueAt: number;
  sentAt?: number;
  failed?: boolean;
}

/** Serves one destination that answers nothing but `reply` for two days, by the rules alone; every instant is in milliseconds since the start. */
function serve(count: number, reply: string): { messages: Message[]; refused: number } {
  const messages = Array.from({ length: count }, (): Message => ({ attempts: 0, firstAttemptAt: 0, dueAt: 0 }));
  let pace: Pace = fullPace;
  let refused = 0;
  let now = 0;
  const open = new Set(messages);
  while (open.size > 0) {
    now = Math.max(now, Math.min(...[...open].map(({ dueAt }) => dueAt)));
    for (const message of open) {
      if (message.dueAt > now) continue;
      // As the lane does: what is held is put off until then, and that is no attempt.
      if ((pace.heldUntil ?? 0) > now) {
        message.dueAt = pace.heldUntil ?? 0;
        continue;
      }
      now += attemptMs;
      message.attempts += 1;
      if (message.attempts === 1) message.firstAttemptAt = now;
      if (now >= outage) {
        pace = nextPace(pace, { sent: 1, slowed: 0, failedSince: 0 }, now);
        message.sentAt = now;
        open.delete(message);
        continue;
      }
      refused += 1;
      pace = nextPace(pace, { sent: 0, slowed: 0, failedSince: 1, reply }, now);
      const { attempts, firstAttemptAt } = message;
      const wanted = retryPace(reply, attempts);
      const next =
        wanted === 'never'
          ? undefined
          : nextAttemptAt(retries, { attempts, firstAttemptAt, now, pace: wanted }, durationMs(validity));
      if (next === undefined) {
        message.failed = true;
        open.delete(message);
      } else message.dueAt = next;
    }
  }
  return { messages, refused };
}

test.each([
  ['one message', 1],
  ['fewer than hold it', pacing.failures - 1],
  ['some hundreds', 500],
  ['some thousands', 5_000],
])('%s for a destination that is down for two days: nobody is given up, and it is asked seldom', (_, count) => {
  const { messages, refused } = serve(count, '451 4.3.2 not now');
  expect(messages.filter(({ failed }) => failed)).toEqual([]);
  // The first day has its attempts, each other day one: who was tried last shortly before the end waits for a day at the most.
  const last = Math.max(...messages.map(({ sentAt = Infinity }) => sentAt));
  expect(last).toBeLessThanOrEqual(outage + 24 * hour + hour);
  // Either each message's own timetable bounds it, or the holds do: at the most ten attempts an hour once they are an hour long.
  const byTimetable = count * (retries.inFirstDay + 2);
  const byHolds = pacing.failures + (pacing.failures / 2) * (Math.log2(pacing.longestHold / pacing.firstHold) + 1 + 48);
  expect(refused).toBeLessThanOrEqual(Math.min(byTimetable, byHolds));
  // Most, where there are many, have never been refused, and leave within the hour.
  if (count > 1_000) {
    const soon = messages.filter(({ sentAt = Infinity }) => sentAt <= outage + hour + count * attemptMs).length;
    expect(soon / count).toBeGreaterThan(0.8);
  }
});
