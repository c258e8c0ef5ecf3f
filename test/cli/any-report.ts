import type { DeliveryDescription, DeliveryReport, PendingDecision, ReportSample } from '../../src/client/index.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';

export const seal = 'cd'.repeat(32);

/** Asked of two people, of whom the publisher is the author. */
export function anyPending(own: Partial<PendingDecision> = {}): PendingDecision {
  return {
    mayConfirm: ['approver'],
    mayReject: ['publisher', 'approver'],
    mayNotConfirm: { publisher: 'four-eyes: operator "publisher" submitted this revision and cannot confirm it' },
    mayBreakGlass: [],
    confirmedBy: [],
    needed: [{ confirmations: 1 }],
    expiresAt: '2026-12-01T22:10:33.000Z',
    ...own,
  };
}

/** A report of a delivery that waits for its decision, with a piece of each kind. */
export function anyReport(own: Partial<DeliveryReport> = {}): DeliveryReport {
  const settings = deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@b.example' }, subject: 'x' });
  return {
    id: 'news',
    name: 'Winter news',
    phase: 'awaiting-decision',
    revision: 'ab'.repeat(32),
    author: 'publisher',
    authorSigned: true,
    settings,
    profiles: 1_000,
    files: [],
    seal,
    sealedCount: 988,
    approvalRules: [{ owner: 'publisher', settings: settings.approval }],
    pendingDecision: anyPending(),
    findings: [
      { rule: 'html-large', level: 'warning', sentence: 'The HTML has 120 KB: shorten it.', place: 'html' },
      { rule: 'recipients-excluded', level: 'info', sentence: '12 recipients are left out.', place: 'recipients' },
    ],
    counts: { pending: 988, ignored: 12 },
    excluded: { double: 12 },
    analysis: {
      domains: { top: [{ domain: 'shop.example', messages: 900 }], rest: { domains: 1, messages: 88 } },
      sizes: {
        measured: 200,
        of: 988,
        message: { smallest: 1_000, median: 2_000, largest: 3_000 },
        html: { smallest: 1_000, median: 2_000, largest: 150_000 },
        clippedFrom: 104_448,
        clipped: 3,
      },
      samples: [anySample()],
      differing: [],
      sameLanguageData: true,
    },
    difference: {
      against: 'ef'.repeat(32),
      author: 'publisher',
      createdAt: '2026-11-24T22:10:33.000Z',
      settings: [{ path: 'subject', before: '"a"', after: '"b"' }],
      sources: [
        {
          file: 'content.html',
          change: 'changed',
          cut: false,
          hunks: [{ beforeLine: 1, afterLine: 1, lines: [{ sign: '+', parts: [{ text: 'new', marked: true }] }] }],
        },
      ],
      target: {
        gained: { count: 1, first: [{ row: 9, address: 'z…@shop.example' }] },
        lost: { count: 0, first: [] },
        changed: { count: 0, first: [] },
      },
      files: [{ name: 'Terms.pdf', change: 'added', bytes: 2_000 }],
    },
    ...own,
  };
}

export function anySample(own: Partial<ReportSample> = {}): ReportSample {
  return {
    drawnAs: ['shortest', 'random'],
    seq: 2,
    row: 2,
    from: { name: 'Garden', address: 'a@b.example' },
    to: 'a…@shop.example',
    subject: 'Hello',
    text: 'Dear Ann\n',
    html: '<p>Dear Ann</p>',
    leftOut: [],
    ...own,
  };
}

/** The same delivery as `show` describes it, with none of what a report does not tell. */
export function descriptionOf(report: DeliveryReport): DeliveryDescription {
  return {
    ...report,
    createdAt: '2026-11-24T22:10:33.000Z',
    queries: [],
    heldUpBy: [],
    decisions: [],
    proofs: [],
    reviews: [],
    revisions: [],
    journal: [],
  };
}
