import { createHash } from 'node:crypto';
import { localesOf } from '../content/locale-filters.js';
import { textWords } from '../delivery/content-format.js';
import { clippedFrom } from '../delivery/control-rules/size-rules.js';
import { fileCharacters, type DeliverySettings } from '../delivery/definition.js';
import { compileRevision, isRecipientFault, type RenderedRevision } from '../mime/compile-revision.js';
import type { Mailbox } from '../mime/header-value.js';
import { compileShown } from '../mime/shown-message.js';
import type { Queryable } from '../store/database.js';
import {
  drawMessages,
  firstSeqs,
  surveyMessages,
  type DrawnMessage,
  type MessageRange,
  type PreferenceGroup,
} from '../store/report-counts.js';
import type { StoredRevision } from '../store/revisions.js';
import { maskIn, maskedAddress } from './masked-address.js';

/** Octets of messages or of their HTML. */
export interface SizeRange {
  smallest: number;
  median: number;
  largest: number;
}

/** How large the messages are, by those that were made again for the report. */
export interface MessageSizes {
  /** How many were made: all of them, or a sample. */
  measured: number;
  /** Messages under the seal. */
  of: number;
  message: SizeRange;
  /** Octets of the HTML part before it is encoded; absent where no message has one. */
  html?: SizeRange;
  /** Gmail shows no more of the HTML than this many octets. */
  clippedFrom: number;
  /** Of the measured ones, those that Gmail clips. */
  clipped: number;
}

/** A message as its reader sees it. */
export interface ReportSample {
  /** What it stands for: `shortest`, `longest`, `random`, `language de`, `text alone`. */
  drawnAs: string[];
  seq: number;
  row: number;
  from: Mailbox;
  replyTo?: Mailbox;
  /** Masked, unless addresses are asked for; so is the address where it stands in subject and content. */
  to: string;
  subject: string;
  text: string;
  /** Absent where the message is text alone. */
  html?: string;
  /** What of it is not all there: its text or HTML is cut, or its own images would be too large for a report. */
  leftOut: ('text' | 'html' | 'images')[];
}

/** Messages by what their recipients prefer. */
export interface Preferences {
  /** The commonest first; absent where no recipient names a language. */
  languages?: { language: string; messages: number }[];
  /** Absent where the delivery's format is not the recipient's choice. */
  formats?: { format: 'multipart' | 'text'; messages: number }[];
}

/** What the report tells of single messages, and of what their recipients prefer. */
export interface Samples extends Preferences {
  sizes?: MessageSizes;
  samples: ReportSample[];
  /** Rows of measured messages that do not come out as they were sealed. */
  differing: number[];
}

const measuredMessages = 200;
/** With large files in each, fewer say as much: what differs is the text. */
const measuredLarge = 20;
const largeFiles = 1024 * 1024;
const maxText = 20_000;
const maxHtml = 200_000;
const maxLanguages = 5;

interface MeasuredMessage extends DrawnMessage {
  bytes: number;
  /** 0 where it has no HTML. */
  htmlBytes: number;
}

/** Draws messages by the seal, so that a report is the same each time, and makes them once more. */
export async function drawSamples(
  database: Queryable,
  revision: StoredRevision & { deliveryId: string; seal: string },
  addresses: boolean,
): Promise<Samples> {
  const { localeField: language, formatField: format } = revision.settings;
  const survey = await surveyMessages(database, revision, { language, format, textWords });
  if (!survey) return { samples: [], differing: [] };
  const { range, groups } = survey;
  const firsts = firstsOf(groups, revision.settings);
  const random = drawnSeqs(revision.seal, range, 1)[0] ?? range.first;
  const seqs = await measuredSeqs(database, revision, range);
  const drawn = await drawMessages(database, revision, [...seqs, random, ...firsts.values()]);
  const { measured, differing } = measure(revision, drawn);
  const roles = rolesOf(measured, { random, firsts });
  const show = showerOf(revision, addresses);
  return {
    ...preferencesOf(groups, revision.settings),
    ...(measured.length > 0 && { sizes: sizesOf(measured, range.messages) }),
    samples: [...roles].map(([message, drawnAs]) => show(message, drawnAs)),
    differing,
  };
}

/** All of a small delivery; of a large one those drawn, and who has the least and the most data. */
async function measuredSeqs(database: Queryable, revision: StoredRevision & { seal: string }, range: MessageRange) {
  const files = fileCharacters(revision.content);
  const wanted = files > largeFiles ? measuredLarge : measuredMessages;
  if (range.messages <= wanted) return await firstSeqs(database, revision, wanted);
  return [...drawnSeqs(revision.seal, range, wanted), range.leastData, range.mostData];
}

/** Sequence numbers that the seal alone decides on: nobody chooses what a report shows. */
function drawnSeqs(seal: string, { first, last }: MessageRange, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const digest = createHash('sha256').update(`${seal}/${i}`).digest();
    return first + (digest.readUIntBE(0, 6) % (last - first + 1));
  });
}

function measure(
  revision: RenderedRevision,
  drawn: readonly DrawnMessage[],
): { measured: MeasuredMessage[]; differing: number[] } {
  const render = compileRevision(revision);
  const measured: MeasuredMessage[] = [];
  const differing: number[] = [];
  for (const message of drawn) {
    const subject = { proof: 0, date: new Date(0), ...message };
    try {
      const { bytes, leaf, htmlBytes } = render(subject);
      if (leaf.equals(message.leaf)) measured.push({ ...message, bytes: bytes.length, htmlBytes });
      else differing.push(message.row);
    } catch (error) {
      // It was made when it was sealed: that it cannot be now means that something was changed since.
      if (!isRecipientFault(error)) throw error;
      differing.push(message.row);
    }
  }
  return { measured, differing };
}

function sizesOf(measured: readonly MeasuredMessage[], of: number): MessageSizes {
  const htmlSizes = measured.map(({ htmlBytes }) => htmlBytes).filter((bytes) => bytes > 0);
  const html = rangeOf(htmlSizes);
  return {
    measured: measured.length,
    of,
    message: rangeOf(measured.map(({ bytes }) => bytes)) ?? { smallest: 0, median: 0, largest: 0 },
    ...(html && { html }),
    clippedFrom,
    clipped: htmlSizes.filter((bytes) => bytes > clippedFrom).length,
  };
}

function rangeOf(sizes: readonly number[]): SizeRange | undefined {
  const sorted = [...sizes].sort((a, b) => a - b);
  const [smallest, median, largest] = [sorted[0], sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  if (smallest === undefined || median === undefined || largest === undefined) return undefined;
  return { smallest, median, largest };
}

/** The messages that are shown, and what each stands for. */
function rolesOf(
  measured: readonly MeasuredMessage[],
  { random, firsts }: { random: number; firsts: ReadonlyMap<string, number> },
): Map<MeasuredMessage, string[]> {
  const bySize = [...measured].sort((a, b) => a.bytes - b.bytes || a.seq - b.seq);
  const wanted: (readonly [role: string, message: MeasuredMessage | undefined])[] = [
    ['shortest', bySize[0]],
    ['longest', bySize.at(-1)],
    ['random', measured.find(({ seq }) => seq >= random)],
    ...[...firsts].map(([role, first]) => [role, measured.find(({ seq }) => seq === first)] as const),
  ];
  const roles = new Map<MeasuredMessage, string[]>();
  for (const [role, message] of wanted) if (message) roles.set(message, [...(roles.get(message) ?? []), role]);
  return roles;
}

function preferencesOf(groups: readonly PreferenceGroup[], settings: DeliverySettings): Preferences {
  const languages = tally(groups, ({ language }) => languageOf(language, settings));
  const formats = tally(groups, ({ textOnly }) => (textOnly ? 'text' : 'multipart'));
  return {
    ...(groups.some(({ language }) => language !== null) && {
      languages: languages.map(([language, messages]) => ({ language, messages })),
    }),
    ...(settings.format === 'recipient' && { formats: formats.map(([format, messages]) => ({ format, messages })) }),
  };
}

function tally<Key>(groups: readonly PreferenceGroup[], keyOf: (group: PreferenceGroup) => Key): [Key, number][] {
  const counts = new Map<Key, number>();
  for (const group of groups) counts.set(keyOf(group), (counts.get(keyOf(group)) ?? 0) + group.messages);
  return [...counts].sort(([, a], [, b]) => b - a);
}

export const formatWords = { multipart: 'text and HTML', text: 'text alone' };

/** The first recipient of each of the commonest languages and of each format. */
function firstsOf(groups: readonly PreferenceGroup[], settings: DeliverySettings): Map<string, number> {
  const { languages = [], formats = [] } = preferencesOf(groups, settings);
  const first = (matches: (group: PreferenceGroup) => boolean) =>
    Math.min(...groups.filter(matches).map((group) => group.first));
  return new Map([
    ...languages
      .slice(0, maxLanguages)
      .map(
        ({ language }) =>
          [`language ${language}`, first((group) => languageOf(group.language, settings) === language)] as const,
      ),
    ...formats.map(
      ({ format }) => [formatWords[format], first(({ textOnly }) => textOnly === (format === 'text'))] as const,
    ),
  ]);
}

/** @returns the language that a field's value names, in its usual spelling */
function languageOf(written: string | null, { locale, localeField }: DeliverySettings): string {
  try {
    const [language = locale] = localesOf(written, localeField, locale);
    return Intl.getCanonicalLocales(language)[0] ?? language;
  } catch {
    return 'none that is known';
  }
}

function showerOf(revision: RenderedRevision, addresses: boolean) {
  const show = compileShown(revision);
  const { files: _files, ...content } = revision.content;
  const showWithoutImages = compileShown({ ...revision, content });
  return (message: DrawnMessage, drawnAs: string[]): ReportSample => {
    const { seq, row, address } = message;
    const subject = { proof: 0, ...message };
    const whole = show(subject);
    const heavy = (whole.html?.length ?? 0) > maxHtml;
    const { html, text, ...shown } = heavy ? showWithoutImages(subject) : whole;
    const mask = (written: string) => (addresses ? written : maskIn(written, address));
    const leftOut: ReportSample['leftOut'] = [
      ...(text.length > maxText ? (['text'] as const) : []),
      ...(html !== undefined && html.length > maxHtml ? (['html'] as const) : []),
      ...(heavy && html !== whole.html ? (['images'] as const) : []),
    ];
    return {
      drawnAs,
      seq,
      row,
      ...shown,
      to: addresses ? address : maskedAddress(address),
      subject: mask(shown.subject),
      text: mask(text).slice(0, maxText).toWellFormed(),
      ...(html !== undefined && { html: mask(html).slice(0, maxHtml).toWellFormed() }),
      leftOut,
    };
  };
}
