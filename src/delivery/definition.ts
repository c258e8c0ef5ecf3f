import { z } from 'zod';
import { approvalSchema } from './approval-settings.js';
import { breakerSchema } from './breaker.js';
import { charsets } from './charset.js';
import { address, duration, fieldName, instant, localeSchema, singleLine } from './definition-text.js';
import { extraHeadersSchema } from './extra-headers.js';
import { mirrorSchema, unsubscribeSchema } from './hosted-pages.js';
import { operatorIdSchema } from './operator-id.js';
import { priorities } from './priority.js';
import { proofsSchema } from './proof-settings.js';
import { rateSchema } from './rate.js';
import { judgeSchedule, scheduleShape } from './schedule-settings.js';
import { senderSchema } from './sender.js';
import { targetSchema } from './target-settings.js';

/** Ids stand in workflow ids, URLs and file names. */
export const deliveryIdSchema = z
  .string('id must be text')
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'id must be 1–100 of a–z, 0–9, ".", "_", "-", starting with a letter or digit');

/** What a typology may be called. */
export const typologyName = /^[a-z0-9][a-z0-9-]{0,39}$/;
export const typologyNameWords = '1–40 of a–z, 0–9 and "-"';

const sendingShape = z.strictObject({
  /** Messages in one batch; history grows with batches, never with messages. */
  batchSize: z.int().min(1).max(20_000).default(2_000),
  /** No attempt is made after this long from the start of sending. */
  validity: duration('sending.validity').default('5d'),
  /** No attempt is made after it; where it is given, `validity` counts for nothing. */
  validUntil: instant('sending.validUntil').optional(),
  retries: z
    .strictObject({
      inFirstDay: z.int().min(0).max(24).default(5),
      interval: duration('sending.retries.interval').default('1h'),
      /** Between the first attempt and the second at a message that was greylisted; absent, a quarter of the interval. */
      greylistedAfter: duration('sending.retries.greylistedAfter').optional(),
      /** Before the next attempt where a policy refuses for now; absent, four intervals. */
      policyAfter: duration('sending.retries.policyAfter').optional(),
    })
    .prefault({}),
  /** What becomes of a message of which nobody can know whether the relay took it (RFC 5321 §6.1). */
  inDoubt: z.enum(['hold', 'resend']).default('hold'),
  /** Most messages that leave, over all workers; as many as can where it is not given. */
  rate: rateSchema('sending.rate').optional(),
  /** Before and after which other deliveries it is sent, where workers have not room for all; not given, it is normal. */
  priority: z.enum(priorities, 'sending.priority must be high, normal or low').optional(),
  /** When it pauses by itself; what holds where it is not given, see `breakerDefaults`. */
  breaker: breakerSchema.optional(),
  ...scheduleShape,
});
const sendingSchema = sendingShape.check(({ value, issues }) => {
  for (const fault of judgeSchedule(value)) issues.push({ code: 'custom', ...fault, input: value });
});

/** The settings of a delivery: all of its definition but the content and the recipients. */
export const deliverySettingsSchema = z.strictObject({
  name: singleLine('name', 200).min(1, 'name must not be empty'),
  owner: operatorIdSchema.optional(),
  sender: senderSchema,
  /** A Liquid template. */
  subject: singleLine('subject', 998),
  /** Name of a relay that the workers know; URL and password live in their configuration only. */
  relay: z
    .string('relay must be text')
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'relay must be a relay name: 1–40 of a–z, 0–9 and "-"')
    .default('default'),
  /** Where people unsubscribe. */
  unsubscribe: unsubscribeSchema.prefault({}),
  /** The message as a web page; see {@link mirrorSchema}. */
  mirror: mirrorSchema.prefault({}),
  /** `recipient`: who asks for text in the field `formatField` gets text alone, all others both. */
  format: z
    .enum(['multipart', 'recipient', 'text'], 'format must be multipart, recipient or text')
    .default('multipart'),
  formatField: fieldName('formatField').default('email_format'),
  /** How characters are encoded; another than UTF-8 only where recipients' systems demand it. */
  charset: z.enum(charsets, `charset must be one of ${charsets.join(', ')}`).default('utf-8'),
  /** Dates, numbers and prices are written as in this language and region, where a recipient has none of their own. */
  locale: localeSchema('locale').default('en'),
  localeField: fieldName('localeField').default('locale'),
  /** Who names a Japanese mobile format there counts for its operator, whatever the address says. */
  mobileFormatField: fieldName('mobileFormatField').default('mobile_format'),
  /** More headers by name; values are Liquid templates, and one that comes out empty is left out. */
  headers: extraHeadersSchema.default({}),
  /** An archive's address that gets a copy, bytes and all, of each message that was sent. */
  bcc: address('bcc').optional(),
  /** List-Id (RFC 2919): by it people filter, and mail systems tell one newsletter of a sender from another. */
  list: z
    .strictObject({
      id: z
        .string('list.id must be text')
        .max(255, 'list.id is longer than 255 characters')
        .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/, 'list.id must be like a domain, such as news.shop.example'),
      name: singleLine('list.name', 200).optional(),
    })
    .optional(),
  /** Feedback-ID: Gmail counts complaints by each of up to four fields; the last names the sender and never changes. */
  feedbackId: z
    .string('feedbackId must be text')
    .max(200, 'feedbackId is longer than 200 characters')
    .regex(
      /^(?:[A-Za-z0-9._-]*:){0,3}[A-Za-z0-9._-]+$/,
      'feedbackId must be up to four fields of letters, digits, ".", "_", "-" with ":" between them',
    )
    .optional(),
  /** Precedence: bulk keeps vacation notices from answering. Not given, not sent: some filters count it against mail. */
  precedence: z.literal('bulk', 'precedence must be bulk').optional(),
  /** Auto-Submitted (RFC 3834) is for notices that a program writes; a newsletter that a person wrote goes without it. */
  autoSubmitted: z.literal('auto-generated', 'autoSubmitted must be auto-generated').optional(),
  /** Who of the recipients gets the message; see {@link targetSchema}. */
  target: targetSchema.optional(),
  proofs: proofsSchema.prefault({}),
  /** A set of changes to the control rules, by its name in the workers' configuration. */
  typology: z.string('typology must be text').regex(typologyName, `typology must be ${typologyNameWords}`).optional(),
  approval: approvalSchema.prefault({}),
  sending: sendingSchema.prefault({}),
});

export type DeliverySettings = z.output<typeof deliverySettingsSchema>;
/** As an engineer writes them: defaults may be left out. */
export type DeliverySettingsInput = z.input<typeof deliverySettingsSchema>;
export type SendingSettings = DeliverySettings['sending'];

/** A revision's content: Liquid templates, compiled once from its sources and used from then on. */
export interface Content {
  /** HTML with Liquid in it; absent for a text-only delivery. */
  html?: string;
  text: string;
  /** What it was made from, by file name: the revision is named by these. */
  sources: Record<string, string>;
  /** Attachments, and the images that the HTML shows by `cid:`. */
  files?: readonly AttachedFile[];
}

/** A file that every message carries. */
export interface AttachedFile {
  /** As readers see it. */
  name: string;
  /** Media type, without parameters. */
  type: string;
  /** What the HTML names an image by, behind `cid:`; absent for an attachment. */
  contentId?: string;
  /** Its bytes in base64, in one line. */
  base64: string;
}

/** Characters that a message's files take in base64. */
export const fileCharacters = ({ files = [] }: Pick<Content, 'files'>): number =>
  files.reduce((sum, { base64 }) => sum + base64.length, 0);

/** One person of the audience, as the target source gives it. */
export interface Profile {
  /**
   * The row as a spreadsheet numbers it (a CSV's header is row 1); from code, the position from 1. Of several sources, a
   * later one's are counted on from the last row of the one before.
   */
  row: number;
  /** As written; empty when missing. */
  address: string;
  /** Personalisation fields. An empty cell is a missing field and stands in no profile. */
  fields: Record<string, FieldValue>;
  /** Where it stands, of a target that comes from several sources. */
  origin?: { source: string; row: number };
}

/** A value of a personalisation field. From a CSV it is text. */
export type FieldValue = string | number | boolean | readonly FieldValue[] | { readonly [name: string]: FieldValue };
