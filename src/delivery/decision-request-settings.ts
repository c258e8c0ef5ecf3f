import { z } from 'zod';
import { approverSchema } from './approver.js';
import { duration } from './definition-text.js';
import { durationMs } from './duration.js';
import { workingHoursSchema } from './working-hours.js';

/** Whoever may confirm is asked by e-mail, and this is how it goes on. */
export const decisionRequestSchema = z
  .strictObject({
    /** Whose confirmation is still missing hears of it again. */
    remindEvery: duration('approval.requests.remindEvery').optional(),
    /** So long after the request others are told that it stands. */
    escalateAfter: duration('approval.requests.escalateAfter').optional(),
    escalateTo: z.array(approverSchema).min(1).max(100).optional(),
    /** Of reminders and escalations; what falls due outside of them waits for the next. */
    workingHours: workingHoursSchema.optional(),
  })
  .refine(
    ({ escalateAfter, escalateTo }) => (escalateAfter === undefined) === (escalateTo === undefined),
    'approval.requests needs both escalateAfter and escalateTo, or none of them',
  );

export type DecisionRequestSettings = z.output<typeof decisionRequestSchema>;

/** More of them nobody reads. */
const mostReminders = 200;

export function refuseTooManyReminders({
  value,
  issues,
}: z.core.ParsePayload<{ expiresAfter: string; requests?: DecisionRequestSettings | undefined }>): void {
  // Durations that are none have their own sentence.
  if (issues.length > 0) return;
  const { remindEvery } = value.requests ?? {};
  if (remindEvery === undefined || durationMs(value.expiresAfter) <= mostReminders * durationMs(remindEvery)) return;
  issues.push({
    code: 'custom',
    message: `approval.requests.remindEvery would remind more than ${mostReminders} times before the request expires`,
    path: ['requests', 'remindEvery'],
    input: remindEvery,
  });
}
