import { z } from 'zod';
import type { StoredHistory } from '../store/histories.js';

/** One thing that a workflow did or was told, as a person reads it. */
export interface TimelineEntry {
  /** ISO 8601. */
  at: string;
  workflowId: string;
  runId: string;
  /** Number of the event within its run. */
  eventId: number;
  /** Temporal's name of the event, e.g. `ACTIVITY_TASK_COMPLETED`. */
  event: string;
  /** What it was about. */
  text: string;
}

const payload = z.object({ data: z.string().optional() });
const payloads = z.object({ payloads: z.array(payload).optional() }).optional();
const failure = z
  .object({
    message: z.string().optional(),
    applicationFailureInfo: z.object({ type: z.string().optional() }).optional(),
  })
  .optional();

/** What is told of an event's attributes, whichever event it is; all the rest stays in the JSON. */
const attributesSchema = z.object({
  activityType: z.object({ name: z.string() }).optional(),
  workflowType: z.object({ name: z.string() }).optional(),
  workflowExecution: z.object({ workflowId: z.string() }).optional(),
  scheduledEventId: z.string().optional(),
  startedEventId: z.string().optional(),
  signalName: z.string().optional(),
  input: payloads,
  result: payloads,
  failure,
  lastFailure: failure,
  acceptedRequest: z.object({ input: z.object({ name: z.string(), args: payloads }) }).optional(),
  outcome: z.object({ success: payloads }).optional(),
});

const eventSchema = z.looseObject({
  eventId: z.string(),
  eventTime: z.string(),
  eventType: z.string(),
  userMetadata: z.object({ summary: payload.optional() }).optional(),
});

type Event = z.output<typeof eventSchema>;
type Attributes = z.output<typeof attributesSchema>;

/** Bookkeeping between server and workers, and requests whose completion tells the same. */
const bookkeeping =
  /^(WORKFLOW_TASK_|ACTIVITY_TASK_(SCHEDULED|STARTED)|UPSERT_WORKFLOW_SEARCH_ATTRIBUTES|.*_INITIATED$)/;

/**
 * Tells the runs of a delivery's workflows as one story in order of time.
 *
 * @param everything - bookkeeping events too
 */
export function historyTimeline(histories: readonly StoredHistory[], everything = false): TimelineEntry[] {
  return histories
    .flatMap((run) => entriesOf(run))
    .filter(({ event }) => everything || !bookkeeping.test(event))
    .sort((a, b) => a.at.localeCompare(b.at));
}

function entriesOf({ workflowId, runId, history }: StoredHistory): TimelineEntry[] {
  const events = history.events.map((event) => eventSchema.parse(event));
  const byId = new Map(events.map((event) => [event.eventId, event]));
  return events.map((event) => ({
    at: new Date(event.eventTime).toISOString(),
    workflowId,
    runId,
    eventId: Number(event.eventId),
    event: event.eventType.replace(/^EVENT_TYPE_/, ''),
    text: describe(event, byId),
  }));
}

function describe(event: Event, byId: ReadonlyMap<string, Event>): string {
  const attributes = attributesOf(event);
  const cause =
    attributes.scheduledEventId ?? (event.eventType.includes('TIMER_FIRED') ? attributes.startedEventId : undefined);
  const about = cause === undefined ? undefined : byId.get(cause);
  const parts = [
    nameOf(attributes) ?? (about && nameOf(attributesOf(about))),
    summaryOf(event) ?? (about && summaryOf(about)),
    textOf(attributes.input ?? attributes.acceptedRequest?.input.args),
    textOf(attributes.result ?? attributes.outcome?.success),
    failureOf(attributes.failure ?? attributes.lastFailure),
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

function attributesOf(event: Event): Attributes {
  const key = Object.keys(event).find((name) => name.endsWith('EventAttributes'));
  return attributesSchema.parse(key === undefined ? {} : event[key]);
}

function nameOf({ activityType, signalName, acceptedRequest, workflowExecution, workflowType }: Attributes) {
  return (
    activityType?.name ??
    signalName ??
    acceptedRequest?.input.name ??
    workflowExecution?.workflowId ??
    workflowType?.name
  );
}

function summaryOf({ userMetadata }: Event): string | undefined {
  const text = decode(userMetadata?.summary);
  return text?.replace(/^"|"$/g, '');
}

const longest = 300;

function textOf(value: z.output<typeof payloads>): string | undefined {
  const text = value?.payloads?.map(decode).filter(Boolean).join(', ');
  return text && text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function decode(value: z.output<typeof payload> | undefined): string | undefined {
  return value?.data === undefined ? undefined : Buffer.from(value.data, 'base64').toString('utf8');
}

function failureOf(value: z.output<typeof failure>): string | undefined {
  return value && [value.applicationFailureInfo?.type, value.message].filter(Boolean).join(': ');
}
