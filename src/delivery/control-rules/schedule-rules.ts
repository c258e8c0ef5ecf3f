import { durationMs } from '../duration.js';
import { grouped, plural, timeText } from '../plain-words.js';
import { maxWaves } from '../schedule-settings.js';
import { durationOf } from '../rate.js';
import { validityEnd } from '../validity.js';
import { sizeOf } from '../share.js';
import type { Wave } from '../waves.js';
import type { Rule } from './rule.js';
import { recipients } from './target-rules.js';
import type { AnalysisView, ParametersView } from './views.js';

export const timeZoneRules: readonly Rule<Pick<ParametersView, 'settings' | 'knownVariables'>>[] = [
  {
    id: 'time-zone-field-unknown',
    level: 'warning',
    explanation: 'Where the column with their time zones is not found, everybody gets the message at the same instant.',
    check: ({ settings: { sending }, knownVariables }) => {
      const { recipientTimeZoneField: field } = sending;
      if (field === undefined || knownVariables.has(field)) return [];
      const sentence = `No recipient has a field "${field}", so all count as in ${sending.timeZone}: name the column as sending.recipientTimeZoneField.`;
      return [{ place: 'sending.recipientTimeZoneField', sentence }];
    },
  },
];

const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;
/** Less than this between the analysis and the contact date is hardly time to decide. */
const shortestNotice = hourMs;

/** How long after the start of sending a wave leaves, in milliseconds. */
function offsetOf({ afterMs = 0, startsAt }: Wave, start: string | undefined): number {
  return startsAt === undefined || start === undefined ? afterMs : Date.parse(startsAt) - Date.parse(start);
}

const hoursText = (ms: number): string => plural(Math.round(ms / hourMs), 'hour');

/** A rule of deliveries that have a schedule. */
type ScheduleRule = Rule<Pick<AnalysisView, 'settings' | 'messages' | 'schedule'>>;

function lastOffset({ schedule }: Pick<AnalysisView, 'schedule'>): number {
  const { waves = [], startsAt } = schedule?.planned ?? {};
  const last = waves.at(-1);
  return waves.length > 1 && last ? offsetOf(last, startsAt) : 0;
}

/** From the start of sending. */
function validityMs({ settings: { sending }, schedule }: Pick<AnalysisView, 'settings' | 'schedule'>): number {
  const { now = 0, planned } = schedule ?? {};
  const start = planned?.startsAt === undefined ? now : Date.parse(planned.startsAt);
  return validityEnd({ sending }, start) - start;
}

/** Which setting says how long messages are tried, and what it says. */
function validityOf({ sending }: AnalysisView['settings']): { place: string; end: string } {
  return sending.validUntil === undefined
    ? { place: 'sending.validity', end: sending.validity }
    : { place: 'sending.validUntil', end: timeText(sending.validUntil) };
}

export const scheduleRules: readonly ScheduleRule[] = [
  {
    id: 'contact-date-near',
    level: 'warning',
    explanation: 'A delivery that is confirmed after its contact date sends at once, whatever hour it is.',
    check: ({ schedule }) => {
      const { now = 0, planned } = schedule ?? {};
      const startsAt = planned?.startsAt;
      const left = startsAt === undefined ? Infinity : Date.parse(startsAt) - now;
      if (startsAt === undefined || left >= shortestNotice) return [];
      const when = left <= 0 ? 'has passed' : 'comes within the hour';
      const sentence = `The contact date (${timeText(startsAt)}) ${when}, and a decision after it sends at once: give a later one if that is not meant.`;
      return [{ place: 'sending.at', sentence }];
    },
  },
  {
    id: 'contact-date-far',
    level: 'warning',
    explanation: 'A year that is mistyped keeps a delivery waiting, and its target grows old meanwhile.',
    check: ({ schedule }) => {
      const { now = 0, planned } = schedule ?? {};
      const startsAt = planned?.startsAt;
      if (startsAt === undefined || Date.parse(startsAt) - now <= yearMs) return [];
      const sentence = `The contact date (${timeText(startsAt)}) is more than a year away: see that it is the right one.`;
      return [{ place: 'sending.at', sentence }];
    },
  },
  {
    id: 'time-zone-unknown',
    level: 'warning',
    explanation: "Who has a time zone that nobody knows gets the message at another hour than their own nine o'clock.",
    check: ({ settings: { sending }, schedule }) => {
      const { unknownZones = 0 } = schedule ?? {};
      if (unknownZones === 0) return [];
      const sentence = `${recipients(unknownZones)} ${unknownZones === 1 ? 'has' : 'have'} a time zone that is not known, and ${unknownZones === 1 ? 'counts' : 'count'} as in ${sending.timeZone}: correct the column "${sending.recipientTimeZoneField}".`;
      return [{ place: 'sending.recipientTimeZoneField', sentence }];
    },
  },
  {
    id: 'waves-too-many',
    level: 'error',
    fixed: true,
    explanation: `More than ${maxWaves} waves fill the record of a delivery; the last one would take all the rest at once.`,
    check: ({ settings: { sending }, messages }) => {
      const { waves } = sending;
      if (!waves || 'calendar' in waves) return [];
      const count = Math.ceil(messages / sizeOf(waves.size, messages || 1));
      if (count <= maxWaves) return [];
      const sentence = `Waves of ${grouped(sizeOf(waves.size, messages))} would be ${grouped(count)}, and there are at most ${maxWaves}: make them larger.`;
      return [{ place: 'sending.waves', sentence }];
    },
  },
  {
    id: 'waves-unfilled',
    level: 'warning',
    explanation: 'Waves that name more messages than there are leave sooner than somebody has planned, or not at all.',
    check: ({ settings: { sending }, messages, schedule }) => {
      const { waves, canary } = sending;
      if (!schedule || messages === 0) return [];
      const named = waves && 'calendar' in waves ? waves.calendar.length : 2;
      const has = schedule.planned.waves.filter((wave) => !wave.canary).length;
      const whole = canary && sizeOf(canary.size, messages) >= messages;
      return [
        ...(whole
          ? [
              {
                place: 'sending.canary.size',
                sentence: `The canary is as large as the target of ${plural(messages, 'message')}, so that nobody is left to follow it: make it smaller.`,
              },
            ]
          : []),
        ...(waves && !whole && has < named
          ? [
              {
                place: 'sending.waves',
                sentence: `There are ${plural(messages, 'message')}, which fill ${plural(has, 'wave')} and no more: make the waves smaller.`,
              },
            ]
          : []),
      ];
    },
  },
  {
    id: 'canary-small',
    level: 'warning',
    explanation: 'A canary is of the recipients with the earliest contact date, and few of them tell little.',
    check: ({ settings: { sending }, messages, schedule }) => {
      const [first] = schedule?.planned.waves ?? [];
      if (!sending.canary || !first?.canary || first.startsAt === undefined) return [];
      const [size, wanted] = [first.lastSeq - first.firstSeq + 1, sizeOf(sending.canary.size, messages)];
      if (size >= wanted) return [];
      const sentence = `The canary has ${plural(size, 'message')} in place of ${grouped(wanted)}, for no more have the earliest contact date: make it smaller, or take sending.recipientTimeZoneField out.`;
      return [{ place: 'sending.canary.size', sentence }];
    },
  },
  {
    id: 'wave-after-validity',
    level: 'error',
    fixed: true,
    explanation: 'Validity counts from the start of sending: who is in a wave that comes after it gets nothing.',
    check: (view) => {
      const last = lastOffset(view);
      if (!view.schedule || last < validityMs(view)) return [];
      const { place, end } = validityOf(view.settings);
      const sentence = `The last wave leaves ${hoursText(last)} after the start, and nothing leaves after ${end}: let ${place} end later, or make the waves larger.`;
      return [{ place, sentence }];
    },
  },
  {
    id: 'wave-without-retries',
    level: 'warning',
    explanation: 'Whoever is refused for now in the last wave is tried again only until validity ends.',
    check: (view) => {
      const last = lastOffset(view);
      const { inFirstDay, interval } = view.settings.sending.retries;
      const left = validityMs(view) - last;
      if (last === 0 || left <= 0 || left >= inFirstDay * durationMs(interval)) return [];
      const sentence = `The last wave leaves ${hoursText(last)} after the start, so that ${hoursText(left)} are left to try its messages again: let ${validityOf(view.settings).place} end later.`;
      return [{ place: validityOf(view.settings).place, sentence }];
    },
  },
  {
    id: 'rate-too-slow',
    level: 'error',
    fixed: true,
    explanation: 'Whoever has not had their turn when validity ends gets nothing.',
    check: (view) => {
      const { settings, messages, schedule } = view;
      const { rate, validUntil } = settings.sending;
      // Without a schedule nobody knows how long it is to that date.
      if (rate === undefined || (validUntil !== undefined && !schedule)) return [];
      const takes = durationOf(messages, rate);
      if (takes < validityMs(view)) return [];
      const { place, end } = validityOf(settings);
      const sentence = `${plural(messages, 'message')} take ${hoursText(takes)} at ${rate}, and nothing leaves after ${end}: raise sending.rate, or let ${place} end later.`;
      return [{ place: 'sending.rate', sentence }];
    },
  },
];
