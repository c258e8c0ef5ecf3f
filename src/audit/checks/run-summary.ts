import { z } from 'zod';
import type { PartRow } from '../bundle-format.js';

/** An entry that a workflow gave to the journal. */
export type GivenEntry = z.output<typeof givenEntrySchema> & {
  /** Whether it was written: an activity that nobody took up any more writes nothing. */
  written: boolean;
};

const givenEntrySchema = z.looseObject({ at: z.string(), kind: z.string() });

/** One run of a workflow, without its events. */
export interface RunSummary {
  workflowId: string;
  runId: string;
  events: number;
  /** Event ids that do not follow the one before. */
  gaps: number[];
  /** Its last event is one after which nothing comes. */
  isClosed: boolean;
  /** Of a decision on messages in doubt: its id. */
  command?: string;
  /** Run that it goes on from, and run that goes on from it. */
  before?: string;
  after?: string;
  /** What `recordJournal` was given, in order. */
  journalled: GivenEntry[];
  /** Of a delivery that has completed. */
  result?: { outcome: string; counts: Record<string, number> };
  /** Why today's code does not do again what it says. */
  notReplayed?: string;
}

export type HistoryEvent = Extract<PartRow<'histories'>, { event: object }>['event'];

const payloads = z.object({ payloads: z.array(z.object({ data: z.string().default('') })).default([]) });
const started = z.object({ continuedExecutionRunId: z.string().optional(), input: payloads.optional() });
const commanded = z.object({ id: z.string() });
const closing = /^EVENT_TYPE_WORKFLOW_EXECUTION_(COMPLETED|FAILED|TIMED_OUT|CANCELED|TERMINATED|CONTINUED_AS_NEW)$/;
const continued = z.object({ newExecutionRunId: z.string() });
const scheduled = z.object({ activityType: z.object({ name: z.string() }), input: payloads.optional() });
const completedOf = z.object({ scheduledEventId: z.coerce.string() });
const completed = z.object({ result: payloads.optional() });
const journalInput = z.object({ entries: z.array(givenEntrySchema) });
const resultSchema = z.object({ outcome: z.string(), counts: z.record(z.string(), z.number()) });

/** @param events - in their order */
export function summariseRun(
  { workflowId, runId }: { workflowId: string; runId: string },
  events: readonly HistoryEvent[],
): RunSummary {
  const first = started.safeParse(events[0]?.['workflowExecutionStartedEventAttributes']).data;
  const last = events.at(-1);
  const after = continued.safeParse(last?.['workflowExecutionContinuedAsNewEventAttributes']).data;
  const done = completed.safeParse(last?.['workflowExecutionCompletedEventAttributes']).data;
  const result = resultSchema.safeParse(firstPayload(done?.result)).data;
  const command = commanded.safeParse(firstPayload(first?.input)).data?.id;
  return {
    workflowId,
    runId,
    events: events.length,
    gaps: events.flatMap(({ eventId }, index) => (eventId === String(index + 1) ? [] : [Number(eventId)])),
    isClosed: closing.test(last?.eventType ?? ''),
    ...(command !== undefined && { command }),
    ...(first?.continuedExecutionRunId && { before: first.continuedExecutionRunId }),
    ...(after && { after: after.newExecutionRunId }),
    journalled: journalledBy(events),
    ...(result && { result }),
  };
}

function journalledBy(events: readonly HistoryEvent[]): GivenEntry[] {
  return journalWrites(events).flatMap(({ entries, writtenAt }) =>
    entries.map((entry) => ({ ...entry, written: writtenAt !== undefined })),
  );
}

/** What a run gave to the journal, in order; `writtenAt` is the index of the event that tells that it was written. */
export function journalWrites(
  events: readonly HistoryEvent[],
): { entries: z.output<typeof journalInput>['entries']; writtenAt: number | undefined }[] {
  const done = new Map(
    events.map((event, index) => [
      completedOf.safeParse(event['activityTaskCompletedEventAttributes']).data?.scheduledEventId,
      index,
    ]),
  );
  return events.flatMap((event) => {
    const activity = scheduled.safeParse(event['activityTaskScheduledEventAttributes']).data;
    if (activity?.activityType.name !== 'recordJournal') return [];
    const entries = journalInput.safeParse(firstPayload(activity.input)).data?.entries ?? [];
    return [{ entries, writtenAt: done.get(event.eventId) }];
  });
}

function firstPayload(value: z.output<typeof payloads> | undefined): unknown {
  const data = value?.payloads[0]?.data;
  if (!data) return undefined;
  try {
    return JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}
