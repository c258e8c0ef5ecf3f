import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import type { Manifest } from '../../src/audit/bundle-format.js';
import { bundleLines, readBundleEnd, type Fault } from '../../src/audit/read-bundle.js';
import {
  at,
  bundleRows,
  bundleText,
  failures,
  historyOf,
  historyOfDecision,
  rechained,
  signedDecision,
  systemKey,
  verified,
  type BundleRows,
} from './one-bundle.js';

const folder = mkdtempSync(join(tmpdir(), 'sealpost-bundle-'));
const file = join(folder, 'bundle.ndjson');
afterAll(() => rmSync(folder, { recursive: true }));

const whole = await bundleRows(1_000);
const text = await bundleText(whole);

test('a bundle in order passes every check, and names the key that signed it', async () => {
  const verdict = await verified(file, text, { trusted: systemKey.thumbprint });
  expect(failures(verdict)).toEqual({});
  expect(verdict).toMatchObject({ ok: true, thumbprint: systemKey.thumbprint });
  expect(verdict.checks.map(({ name, state }) => `${name} ${state}`)).toEqual(
    verdict.checks.map(({ name }) => `${name} ok`),
  );
});

const scheduled = {
  startsAt: at(12),
  waves: [
    { firstSeq: 1, lastSeq: 5, afterMs: 0, canary: true as const },
    { firstSeq: 6, lastSeq: 20, startsAt: at(18) },
  ],
};

test.each<[what: string, change: (rows: BundleRows) => void, fault: Record<string, unknown>]>([
  ['as it was sealed is in order', () => undefined, {}],
  [
    'with another wave is not that of the seal',
    ({ revisions: [one] }) => Object.assign(one ?? {}, { schedule: { ...scheduled, startsAt: at(11) } }),
    { seal: expect.stringContaining('a leaf or the schedule was changed') },
  ],
  [
    'that was taken away is missed',
    ({ revisions: [one] }) => Object.assign(one ?? {}, { schedule: null }),
    { seal: expect.stringContaining('a leaf or the schedule was changed') },
  ],
  [
    'with a message that left before its wave',
    ({ messages: [, , , , , sixth] }) => Object.assign(sixth ?? {}, { firstClaimedAt: at(17) }),
    { 'in-time': `messages: message 6 was taken up at ${at(17)}, and its wave was to leave at ${at(18)}` },
  ],
])('a schedule %s', async (_, change, fault) => {
  const rows = await bundleRows(20, {}, scheduled);
  change(rows);
  expect(failures(await verified(file, await bundleText(rows)))).toEqual(fault);
});

test('a wave by size is counted from the start of sending', async () => {
  const rows = await bundleRows(20, {}, { waves: [{ firstSeq: 1, lastSeq: 20, afterMs: 9_000 }] });
  expect(failures(await verified(file, await bundleText(rows)))).toEqual({
    'in-time': `messages: message 1 was taken up at ${at(20)}, and its wave was to leave at ${at(21)}`,
  });
});

test('the same content gives the same bytes', async () => {
  expect(await bundleText(await bundleRows(20))).toBe(await bundleText(await bundleRows(20)));
});

/** A generator of its own, so that a failure can be repeated: mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The part that a byte of the file belongs to. */
function partAt(offset: number): string {
  const { parts } = (JSON.parse(text.trimEnd().split('\n').at(-2) ?? '') as { manifest: Manifest }).manifest;
  let end = 0;
  for (const { name, bytes } of parts) if (offset < (end += bytes)) return name;
  return text.indexOf('\n', end) >= offset ? 'manifest' : 'signature';
}

/** What is found by the bytes alone, which is fast. */
async function bytesFaults(path: string): Promise<Fault[]> {
  const { manifest, offset, faults } = await readBundleEnd(path);
  for await (const _line of manifest ? bundleLines(path, { manifest, offset }, faults) : []);
  return faults;
}

test('each of 500 changed bytes is found, and its part is named', async () => {
  const next = random(20_261_124);
  const bytes = Buffer.from(text);
  const missed: string[] = [];
  // The end is short, and hides best.
  const offsets = [
    ...Array.from({ length: 460 }, () => Math.floor(next() * bytes.length)),
    ...Array.from({ length: 40 }, () => bytes.length - 1 - Math.floor(next() * 3_000)),
  ];
  for (const [n, offset] of offsets.entries()) {
    const changed = Buffer.from(bytes);
    changed[offset] = (changed[offset] ?? 0) ^ (1 + Math.floor(next() * 255));
    writeFileSync(file, changed);
    const named = await bytesFaults(file);
    const part = partAt(offset);
    // Where the two last lines run together, both are damaged.
    const is = part === 'manifest' ? ['manifest', 'signature'] : [part];
    if (!named.some((fault) => is.includes(fault.part))) missed.push(`${part} at ${offset}`);
    if (n % 25 === 0 && (await verified(file, changed)).ok) missed.push(`${part} at ${offset}, by the whole check`);
  }
  expect(missed).toEqual([]);
});

test.each([
  ['cut off within the messages', (whole_: string) => whole_.slice(0, whole_.length / 2)],
  ['empty', () => ''],
  ['something else', () => 'Dear auditor,\nthis is all.\n\n'],
  ['without its last line', (whole_: string) => `${whole_.trimEnd().split('\n').slice(0, -1).join('\n')}\n`],
  ['with a line more', (whole_: string) => `${whole_}\n`],
])('a file that is %s fails', async (_, change) => {
  expect(failures(await verified(file, change(text)))).toHaveProperty('file');
});

test('with a line taken out of the middle or put in, the part is named', async () => {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.includes('person500@'));
  for (const changed of [lines.toSpliced(at, 1), lines.toSpliced(at, 0, lines[at] ?? '')]) {
    expect(failures(await verified(file, changed.join('\n')))['file']).toMatch(/^messages: /);
  }
});

test('another trusted key, and a signature by another key, are told', async () => {
  const other = 'A'.repeat(43);
  expect(failures(await verified(file, text, { trusted: other }))).toEqual({
    signature: `signature: it is signed by another key than the one that you named: ${systemKey.thumbprint}`,
  });
});

test('histories of another version are not replayed, and that is said', async () => {
  const { checks, ok } = await verified(file, text, { version: '9.9.9' });
  expect(ok).toBe(true);
  expect(checks.find(({ name }) => name === 'replay')).toMatchObject({
    state: 'skipped',
    note: 'it takes version 0.1.0 of sealpost; this is 9.9.9',
  });
});

test('a history that the code does not repeat is told', async () => {
  const replay = (workflowId: string) =>
    Promise.resolve(workflowId.startsWith('sending') ? 'another order' : undefined);
  expect(failures(await verified(file, text, { replay }))).toEqual({
    replay: 'histories: sending:news: another order',
  });
});

const journalOf = (rows: BundleRows, change: (entries: BundleRows['journal']) => BundleRows['journal']): void => {
  rows.journal = rechained(change(rows.journal));
};
const message = (rows: BundleRows, seq: number) => rows.messages.find((one) => one.seq === seq) ?? rows.messages[0];
const decide = (rows: BundleRows, change: (data: Record<string, unknown>) => object): void =>
  journalOf(rows, (entries) =>
    entries.map((one) => (one.kind === 'decide' ? { ...one, data: { ...one.data, ...change(one.data) } } : one)),
  );
const startedUnder = (rows: BundleRows, rules: object): void =>
  journalOf(rows, (all) => all.map((one) => (one.kind === 'started' ? { ...one, data: { ...one.data, rules } } : one)));
const confirmedOther = (rows: BundleRows): void => {
  const seal = 'cd'.repeat(32);
  const other = { seal, signed: false, signature: undefined };
  journalOf(rows, (all) =>
    all.map((one) => (['sealed', 'decide'].includes(one.kind) ? { ...one, data: { ...one.data, ...other } } : one)),
  );
  rows.histories = historyOf(rows.journal);
};
const swap = (rows: BundleRows, one: number, other: number): void => {
  const [a, b] = [message(rows, one), message(rows, other)];
  if (a && b) [a.leaf, b.leaf] = [b.leaf, a.leaf];
};

/** A decision on messages in doubt after the end, in the journal. */
const inDoubt = (rows: BundleRows, own: object): void => {
  const data = { operator: 'owner', accepted: true, counts: { messages: 1 }, ...own };
  journalOf(rows, (all) => [...all, { n: 0, at: '2026-11-24T13:00:00.000Z', kind: 'in-doubt', data, hash: '' }]);
};
/** A proof of two messages, whatever the journal says of it. */
const proofOf = (rows: BundleRows, told: object): void => {
  const revision = rows.revisions[0]?.hash ?? '';
  const [one, two] = rows.messages.map(({ salt: _salt, sender: _sender, ...row }) => ({ ...row, proof: 1, revision }));
  if (one && two) rows.proofs = [one, two];
  const data = { proof: 1, revision, ...told };
  journalOf(rows, (all) =>
    all.toSpliced(1, 0, { n: 0, at: '2026-11-24T12:00:02.000Z', kind: 'proof', data, hash: '' }),
  );
  rows.histories = historyOf(rows.journal);
};
/** A copy of each message that was sent. */
const copiesOf = (rows: BundleRows): void => {
  rows.copies = rows.messages
    .filter(({ leaf }) => leaf !== null)
    .map(({ salt: _salt, sender: _sender, ...row }) => ({ ...row, proof: -1 }));
};

type Change = (rows: BundleRows) => void | Promise<void>;

// Changed by somebody who has the system's key and signs the file again.
test.each<[what: string, change: Change, check: string, says: RegExp]>([
  [
    'a changed leaf',
    (rows) => Object.assign(message(rows, 7) ?? {}, { leaf: 'ab'.repeat(32) }),
    'seal',
    /leaves do not give/,
  ],
  ['swapped leaves', (rows) => swap(rows, 3, 4), 'seal', /their number is right/],
  ['a message taken away', (rows) => void rows.messages.splice(4, 1), 'seal', /there are 17, and 18 were sealed/],
  [
    'messages out of order',
    (rows) => void rows.messages.push(...rows.messages.splice(0, 3)),
    'seal',
    /leaves do not give/,
  ],
  ['another status', (rows) => Object.assign(message(rows, 7) ?? {}, { status: 'failed' }), 'counts', /2 ignored/],
  [
    'something sent without a leaf',
    (rows) => Object.assign(message(rows, 10) ?? {}, { status: 'sent' }),
    'sealed',
    /message 10 has no leaf/,
  ],
  [
    'somebody left out without a reason',
    (rows) => Object.assign(message(rows, 10) ?? {}, { reason: null }),
    'reasons',
    /message 10 was left out without/,
  ],
  [
    'something sent too early',
    (rows) => Object.assign(message(rows, 7) ?? {}, { firstClaimedAt: '2026-11-24T12:00:11.999Z' }),
    'after-decision',
    /message 7 was taken up at .*11.999Z, before/,
  ],
  [
    'another approved seal',
    (rows) => Object.assign(rows.delivery[0] ?? {}, { approvedSeal: 'cd'.repeat(32) }),
    'seal',
    /is another one/,
  ],
  ['a confirmation of another seal throughout', confirmedOther, 'seal', /the seal that was confirmed .* is another/],
  [
    'a changed entry of the journal',
    (rows) => Object.assign(rows.journal[3]?.data ?? {}, { operator: 'owner' }),
    'journal-chain',
    /entry 4/,
  ],
  ['an entry taken away', (rows) => void rows.journal.splice(2, 1), 'journal-chain', /entry 3 is missing/],
  [
    'a removed decision',
    (rows) => journalOf(rows, (all) => all.filter(({ kind }) => kind !== 'decide')),
    'approval',
    /released, but by the entries before it stood waiting/,
  ],
  [
    'a removed decision',
    (rows) => journalOf(rows, (all) => all.filter(({ kind }) => kind !== 'decide')),
    'journal-history',
    /an entry is missing.*"decide"/,
  ],
  [
    'a decision that nobody gave',
    (rows) => {
      journalOf(rows, (all) =>
        all.toSpliced(
          4,
          0,
          ...all
            .filter(({ kind }) => kind === 'decide')
            .map((one) => ({ ...one, data: { ...one.data, operator: 'owner' } })),
        ),
      );
    },
    'journal-history',
    /entry 5: the workflow knows nothing/,
  ],
  [
    'a confirmation by the author',
    (rows) => decide(rows, () => ({ operator: 'author' })),
    'approval',
    /neither the owner nor/,
  ],
  [
    'a confirmation of another seal',
    (rows) => decide(rows, () => ({ seal: 'cd'.repeat(32) })),
    'approval',
    /names another seal/,
  ],
  [
    'other rules of the start than those of its revision',
    (rows) => startedUnder(rows, { owner: 'owner', settings: { approvers: ['approver'], requireSignature: false } }),
    'approval',
    /entry 1: it was started under other approval rules/,
  ],
  [
    'a second start',
    (rows) => journalOf(rows, ([first, ...others]) => (first ? [first, first, ...others] : others)),
    'approval',
    /entry 2: a delivery starts once/,
  ],
  [
    'an analysis that is older than the one before',
    (rows) =>
      journalOf(rows, (all) => {
        const sealed = all.filter(({ kind }) => kind === 'sealed');
        return all.toSpliced(2, 0, ...sealed.map((one) => ({ ...one, at: '2026-11-24T12:00:04.000Z' })));
      }),
    'approval',
    /entry 3: it was sealed before an earlier analysis/,
  ],
  [
    'a forged signature',
    async (rows) => {
      const { privateKey } = generateKeyPairSync('ed25519');
      const [{ hash, seal } = { hash: '', seal: '' }] = rows.revisions;
      const signature = await signedDecision(
        { delivery: 'news', revision: hash, seal, verdict: 'confirm', signedAt: '2026-11-24T12:00:10.000Z' },
        privateKey,
      );
      decide(rows, () => ({ signature }));
    },
    'decisions',
    /entry 4 .*forged/,
  ],
  [
    'a decision that cannot be read',
    (rows) => decide(rows, () => ({ signature: null })),
    'decisions',
    /entry 4: this decision cannot be read/,
  ],
  [
    'a decision that is there twice',
    (rows) => {
      const given = rows.journal.find(({ kind }) => kind === 'decide');
      if (given) rows.journal.splice(4, 0, given);
      rows.journal = rechained(rows.journal);
    },
    'decisions',
    /entry 5 .*: it was given before, and counts once/,
  ],
  [
    'a key that nobody gave',
    (rows) => void rows['operator-events'].splice(1, 1),
    'claims',
    /nobody gave "approver" the key/,
  ],
  [
    'a role that nobody gave',
    (rows) => decide(rows, () => ({ as: ['role:approver'] })),
    'claims',
    /"approver" was not "role:approver" then/,
  ],
  [
    'an operator who was disabled',
    (rows) =>
      void rows['operator-events'].push({
        n: 3,
        at: '2026-11-24T12:00:01.000Z',
        operator: 'approver',
        kind: 'disabled',
        by: 'author',
        data: {},
      }),
    'claims',
    /"approver" was disabled then/,
  ],
  [
    'a delegation that had ended',
    (rows) => {
      const by = { operator: 'anna', by: 'author' };
      const data = { delegate: 'approver', from: '2026-11-24T11:00:00.000Z', until: '2026-11-25T12:00:00.000Z' };
      rows['operator-events'].push(
        { n: 3, at: '2026-11-24T12:00:01.000Z', kind: 'delegated', ...by, data },
        { n: 4, at: '2026-11-24T12:00:02.000Z', kind: 'delegation-ended', ...by, data: {} },
      );
      decide(rows, () => ({ as: ['for:anna'] }));
    },
    'claims',
    /"approver" was not "for:anna" then/,
  ],
  [
    'a delegation that nobody gave',
    (rows) => decide(rows, () => ({ as: ['for:anna'] })),
    'claims',
    /"approver" was not "for:anna" then/,
  ],
  [
    'findings that the workflow did not tell',
    (rows) => {
      const sealed = rows.journal.find(({ kind }) => kind === 'sealed');
      Object.assign(sealed?.data ?? {}, { findings: { error: 0, warning: 0, info: 0 } });
      rows.journal = rechained(rows.journal);
    },
    'journal-history',
    /an entry is missing or was changed: "sealed"/,
  ],
  [
    'a signature of something else',
    async (rows) => {
      const signature = await signedDecision({
        delivery: 'news',
        revision: '0'.repeat(64),
        seal: '1'.repeat(64),
        sealedAt: '2026-11-24T12:00:09.000Z',
        verdict: 'reject',
        inDoubt: 'hold',
        signedAt: '2026-11-24T12:00:10.000Z',
      });
      decide(rows, () => ({ signature }));
    },
    'decisions',
    /of another revision, seal, sealedAt, verdict/,
  ],
  [
    'a signature for another policy for messages in doubt',
    async (rows) => {
      const [{ hash: revision, seal } = { hash: '', seal: '' }] = rows.revisions;
      const about = { delivery: 'news', revision, seal, sealedAt: '2026-11-24T12:00:05.000Z', verdict: 'confirm' };
      const signedAt = '2026-11-24T12:00:10.000Z';
      const signature = await signedDecision({ ...about, inDoubt: 'resend', signedAt });
      decide(rows, () => ({ signature }));
    },
    'decisions',
    /of another inDoubt/,
  ],
  [
    'a signature taken away',
    (rows) => decide(rows, () => ({ signature: undefined })),
    'decisions',
    /signature is missing/,
  ],
  [
    'a key that was revoked before',
    (rows) => Object.assign(rows.operators[0]?.keys[0] ?? {}, { revokedAt: '2026-11-24T12:00:05.000Z' }),
    'decisions',
    /had been revoked/,
  ],
  [
    'a key that was added later',
    (rows) => Object.assign(rows.operators[0]?.keys[0] ?? {}, { addedAt: '2026-11-24T13:00:00.000Z' }),
    'decisions',
    /added later/,
  ],
  [
    'a release by a decision that a late start had made void',
    (rows) => {
      const place = rows.journal.findIndex(({ data }) => data['phase'] === 'scheduled');
      const late = { n: 0, at: at(11), kind: 'late', data: { reason: 'too late', expiresAt: at(59) }, hash: '' };
      rows.journal = rechained(rows.journal.toSpliced(place, 0, late));
      rows.histories = historyOf(rows.journal);
    },
    'approval',
    /released, but by the entries before it stood waiting/,
  ],
  ['a key of nobody', (rows) => Object.assign(rows.operators[0] ?? {}, { id: 'somebody' }), 'decisions', /never had/],
  [
    'other settings',
    (rows) => Object.assign(rows.revisions[0]?.settings ?? {}, { subject: 'Other' }),
    'revisions',
    /settings, content or recipients/,
  ],
  [
    'another source',
    (rows) => Object.assign(rows.revisions[0]?.sources ?? {}, { 'content.txt': 'Other' }),
    'revisions',
    /"content.txt" is not/,
  ],
  ['an event taken away', (rows) => void rows.histories.splice(2, 1), 'histories', /missing or moved before event 3/],
  [
    'a workflow taken away',
    (rows) => void rows.histories.splice(5),
    'histories',
    /none of the workflow "sending:news"/,
  ],
  [
    'a history that was cut at its end',
    (rows) => void rows.histories.splice(4, 1),
    'histories',
    /delivery:news, run run-1 breaks off: its end is missing/,
  ],
  [
    'a history without events',
    (rows) => void rows.histories.splice(6),
    'histories',
    /sending:news, run run-2 has no events/,
  ],
  [
    'a decision on messages in doubt without its workflow',
    (rows) => inDoubt(rows, { verdict: 'sent', command: 'one' }),
    'histories',
    /none of the workflow that decided on messages in doubt \(journal, entry 9\)/,
  ],
  [
    'rows of a proof that are fewer than were counted',
    (rows) => {
      proofOf(rows, { counts: { sent: 2 } });
      rows.proofs.pop();
    },
    'proofs',
    /journal: entry 2: proof 1 has other rows than were counted/,
  ],
  [
    'a proof of another status',
    (rows) => {
      proofOf(rows, { counts: { sent: 2 } });
      Object.assign(rows.proofs[0] ?? {}, { status: 'failed' });
    },
    'proofs',
    /has other rows than were counted/,
  ],
  [
    'a proof of another revision',
    (rows) => {
      proofOf(rows, { counts: { sent: 2 } });
      Object.assign(rows.proofs[1] ?? {}, { revision: 'ab'.repeat(32) });
    },
    'proofs',
    /rows of proof 1 show another revision/,
  ],
  [
    'a proof that nobody tells of',
    (rows) => {
      proofOf(rows, { counts: { sent: 2 } });
      journalOf(rows, (all) => all.filter(({ kind }) => kind !== 'proof'));
    },
    'proofs',
    /proofs: the journal tells nothing of proof 1/,
  ],
  [
    'a copy of another message',
    (rows) => {
      copiesOf(rows);
      Object.assign(rows.copies[3] ?? {}, { leaf: rows.copies[4]?.leaf });
    },
    'copies',
    /copies: message 4 is a copy of another message/,
  ],
  [
    'a copy to another recipient',
    (rows) => {
      copiesOf(rows);
      Object.assign(rows.copies[3] ?? {}, { address: 'mallory@mail.example' });
    },
    'copies',
    /message 4 is a copy of another message/,
  ],
  [
    'a copy of nothing',
    (rows) => {
      copiesOf(rows);
      Object.assign(rows.copies.at(-1) ?? {}, { seq: 99 });
    },
    'copies',
    /message 99 is a copy of no message/,
  ],
  [
    'other excluding sources',
    (rows) => Object.assign(rows.revisions[0] ?? {}, { excludedAddresses: 3, excludedHash: 'ab'.repeat(32) }),
    'revisions',
    /settings, content or recipients/,
  ],
  [
    'another result of the workflow',
    (rows) => {
      rows.histories = historyOf(
        rows.journal.map((one) => (one.kind === 'ended' ? { ...one, data: { counts: { sent: 1 } } } : one)),
      );
    },
    'counts',
    /other counts/,
  ],
  [
    'a run taken away',
    (rows) =>
      Object.assign(rows.histories[1] ?? {}, {
        event: {
          eventId: '1',
          eventTime: '',
          eventType: '',
          workflowExecutionStartedEventAttributes: { continuedExecutionRunId: 'before' },
        },
      }),
    'histories',
    /goes on from is missing/,
  ],
  [
    'another delivery',
    (rows) => Object.assign(rows.delivery[0] ?? {}, { id: 'other' }),
    'file',
    /delivery: it is not that of "news"/,
  ],
])('%s is named, though the file was signed again', async (_, change, check, says) => {
  const rows = await bundleRows(20);
  await change(rows);
  const verdict = await verified(file, await bundleText(rows), { trusted: systemKey.thumbprint });
  expect(verdict.ok).toBe(false);
  expect(failures(verdict)[check] ?? failures(verdict)).toMatch(says);
});

test('what leaves after a stop was settled is told', async () => {
  const rows = await bundleRows(20);
  journalOf(rows, (all) =>
    all.map((one) => (one.data['phase'] === 'finished' ? { ...one, data: { phase: 'stopped' } } : one)),
  );
  rows.histories = historyOf(rows.journal);
  expect(failures(await verified(file, await bundleText(rows)))).toEqual({});
  Object.assign(message(rows, 7) ?? {}, { settledAt: '2026-11-24T12:00:37.000Z' });
  Object.assign(message(rows, 8) ?? {}, { firstClaimedAt: '2026-11-24T12:00:30.500Z' });
  const { checks } = await verified(file, await bundleText(rows));
  expect(checks.find(({ name }) => name === 'after-stop')?.faults.map(({ what }) => what)).toEqual([
    'message 7 was sent at 2026-11-24T12:00:37.000Z, after the stop had been settled',
    'message 8 was taken up at 2026-11-24T12:00:30.500Z, after the stop',
  ]);
});

test('decisions on messages in doubt after the end explain other counts', async () => {
  const rows = await bundleRows(20);
  const ended = (counts: object) => (one: BundleRows['journal'][number]) =>
    one.kind === 'ended' ? { ...one, data: { counts } } : one;
  journalOf(rows, (all) => all.map(ended({ ignored: 2, sent: 17, 'in-doubt': 1 })));
  rows.histories = historyOf(rows.journal);
  expect(failures(await verified(file, await bundleText(rows)))).toHaveProperty('counts');
  inDoubt(rows, { verdict: 'sent', command: 'one' });
  rows.histories.push(...historyOfDecision('one'));
  expect(failures(await verified(file, await bundleText(rows)))).toEqual({});
  journalOf(rows, (all) => all.map(ended({ ignored: 1, sent: 19 })));
  rows.histories = [...historyOf(rows.journal.slice(0, -1)), ...historyOfDecision('one')];
  expect(failures(await verified(file, await bundleText(rows)))).toHaveProperty('counts');
});

test('proofs and copies as they were told pass', async () => {
  const rows = await bundleRows(20);
  proofOf(rows, { counts: { sent: 2 } });
  copiesOf(rows);
  expect(failures(await verified(file, await bundleText(rows)))).toEqual({});
});

const stateOf = async (rows: BundleRows, name: string) =>
  (await verified(file, await bundleText(rows))).checks.find((check) => check.name === name);

test('a revision whose excluding sources are not known is not recomputed, and that is said', async () => {
  const rows = await bundleRows(20);
  const [revision] = rows.revisions;
  Object.assign(revision ?? {}, { excludedAddresses: 3, excludedHash: null });
  expect(await stateOf(rows, 'revisions')).toMatchObject({
    state: 'skipped',
    note: `0 recomputed; not ${revision?.hash.slice(0, 12)}: whom they leave out was stored without the hash that is part of their name`,
  });
});

test('what was under way at the export is named as incomplete', async () => {
  const rows = await bundleRows(20);
  journalOf(rows, (all) => all.slice(0, 6));
  rows.histories = historyOf(rows.journal).toSpliced(4, 1);
  expect(await stateOf(rows, 'histories')).toMatchObject({
    state: 'skipped',
    note: expect.stringMatching(/^incomplete, for .* under way: delivery:news, run run-1; 2 runs/),
  });
  const again = await bundleRows(20);
  inDoubt(again, { verdict: 'resend', command: 'one' });
  again.histories.splice(7, 1);
  again.histories.push(...historyOfDecision('one'));
  expect(await stateOf(again, 'histories')).toMatchObject({
    state: 'skipped',
    note: expect.stringMatching(/under way: resend:news; /),
  });
});
