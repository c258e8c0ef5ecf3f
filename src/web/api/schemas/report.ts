import { z } from 'zod';
import { described } from './delivery.js';
import { dryRun, reasonCounts, statusCounts } from './ledger.js';

const instant = z.iso.datetime();
const range = z.object({ smallest: z.int(), median: z.number(), largest: z.int() });
const mailbox = z.object({ name: z.string().optional(), address: z.string() });

const sample = z
  .object({
    drawnAs: z.array(z.string()),
    seq: z.int(),
    row: z.int(),
    from: mailbox,
    replyTo: mailbox.exactOptional(),
    to: z.string(),
    subject: z.string(),
    text: z.string(),
    html: z.string().exactOptional(),
    leftOut: z.array(z.enum(['text', 'html', 'images'])),
  })
  .meta({ id: 'ReportSample', description: 'A message as its reader sees it' });

const analysis = z.object({
  sizes: z
    .object({
      measured: z.int(),
      of: z.int(),
      message: range,
      html: range.exactOptional(),
      clippedFrom: z.int(),
      clipped: z.int(),
    })
    .exactOptional(),
  samples: z.array(sample),
  differing: z.array(z.int()),
  languages: z.array(z.object({ language: z.string(), messages: z.int() })).exactOptional(),
  formats: z.array(z.object({ format: z.enum(['multipart', 'text']), messages: z.int() })).exactOptional(),
  domains: z.object({
    top: z.array(z.object({ domain: z.string(), messages: z.int() })),
    rest: z.object({ domains: z.int(), messages: z.int() }),
  }),
  sameLanguageData: z.boolean(),
});

const change = z.object({
  count: z.int(),
  first: z.array(z.object({ row: z.int(), address: z.string() })),
});
const fileChange = z.enum(['added', 'removed', 'changed']);

const difference = z
  .object({
    against: z.string(),
    author: z.string(),
    createdAt: instant,
    sealedCount: z.int().exactOptional(),
    settings: z.array(
      z.object({ path: z.string(), before: z.string().exactOptional(), after: z.string().exactOptional() }),
    ),
    sources: z.array(
      z.object({
        file: z.string(),
        change: fileChange,
        hunks: z.array(
          z.object({
            beforeLine: z.int(),
            afterLine: z.int(),
            lines: z.array(
              z.object({
                sign: z.enum([' ', '-', '+']),
                parts: z.array(z.object({ text: z.string(), marked: z.boolean() })),
              }),
            ),
          }),
        ),
        cut: z.boolean(),
      }),
    ),
    target: z.object({ gained: change, lost: change, changed: change }),
    files: z.array(z.object({ name: z.string(), change: fileChange, bytes: z.int() })),
  })
  .meta({ id: 'RevisionDifference' });

export const report = z
  .object({
    ...described,
    seeds: z.object({ sealed: z.int(), counts: statusCounts }).exactOptional(),
    dryRun: dryRun.exactOptional(),
    counts: statusCounts,
    excluded: reasonCounts,
    analysis: analysis.exactOptional(),
    difference: difference.exactOptional(),
  })
  .meta({ id: 'Report', description: 'All that a decision is made by' });
