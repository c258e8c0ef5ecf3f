import type { AnalysisView } from '../../../src/delivery/control-rules/views.js';
import { set, type CasesOf } from './views.js';

/** Rules about the target and the messages that it gets. */
export const analysisCases: CasesOf<AnalysisView> = {
  'typology-unknown': {
    finds: [['typology', set({ typology: 'gone' })]],
    passes: [set({ typology: 'strict' })],
  },
  'target-empty': { finds: [['recipients', { messages: 0 }]], passes: [{ messages: 1 }] },
  'personalisation-failed': {
    finds: [
      [
        'recipients',
        { personalisationFaults: [{ fault: 'html: field "plant" is missing', count: 3, rows: [7, 9] }] },
        /^3 recipients get no message \(rows 7, 9, …\); html: field "plant" is missing: fill or correct the column, or give a default\.$/,
      ],
      [
        'recipients',
        { personalisationFaults: [{ fault: 'subject: field "city" is missing', count: 1, rows: [7] }] },
        /^1 recipient gets no message \(row 7\); subject: field "city" is missing: fill or correct the column, or give a default\.$/,
      ],
    ],
    passes: [{}],
  },
  'case-doubles': {
    finds: [
      [
        'recipients',
        { caseDoubles: { count: 1, rows: [12] } },
        /^1 recipient has the address of an earlier one but for upper and lower case \(row 12\), and would most likely get two copies: take one of each out\.$/,
      ],
    ],
    passes: [{}],
  },
  'seed-left-out': {
    finds: [
      ['target.seeds[1]', { seedsLeftOut: [{ n: 2, reason: 'denylisted' }] }, /denylist; name another address\.$/],
      [
        'target.seeds[0]',
        { seedsLeftOut: [{ n: 1, reason: 'double' }] },
        /take it out, for it gets a message already\.$/,
      ],
      [
        'target.seeds[0]',
        { seedsLeftOut: [{ n: 1, reason: 'personalisation-failed', fault: 'first_name is missing' }] },
        /\(first_name is missing\); give the seed the field under "fields"/,
      ],
    ],
    passes: [{}],
  },
  'recipients-excluded': {
    finds: [
      [
        'recipients',
        { excluded: { double: 1_200 } },
        /^1,200 recipients are left out \(the same address came before\): leave it so, or take the rows out/,
      ],
      [
        'recipients',
        { excluded: { 'address-missing': 1 } },
        /^1 recipient is left out \(no address\): fill the column, or/,
      ],
      ['recipients', { excluded: { unreachable: 2 } }, /^2 recipients are left out \(unreachable\): see who by/],
      [
        'recipients',
        { excluded: { 'control-group': 9 } },
        /left out \(drawn for the control group, which gets nothing\): change target\.control if/,
      ],
      [
        'recipients',
        { excluded: { 'over-limit': 7 } },
        /left out \(the target is limited to fewer recipients\): change target\.limit if/,
      ],
    ],
    passes: [{}],
  },
  'message-clipped': {
    finds: [['html', { clipped: { bytes: 105_000, row: 7 } }, /\(row 7\) has 103 KB of HTML/]],
    passes: [{}],
  },
};
