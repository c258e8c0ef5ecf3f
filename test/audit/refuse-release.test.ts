import { refuseRelease, type Release, type ReleaseRecord } from '../../src/audit/refuse-release.js';
import type { ChainedEntry } from '../../src/audit/journal-chain.js';
import { askedRelease, bundleRows, deliveryId, rechained, signedDecision } from './one-bundle.js';

interface Asked {
  release: Release;
  record: ReleaseRecord;
}

const asked = async (own: object = {}): Promise<Asked> => askedRelease(await bundleRows(20, own));

const changed =
  (kind: string, change: (entry: ChainedEntry) => Partial<ChainedEntry>) =>
  (entries: readonly ChainedEntry[]): ChainedEntry[] =>
    rechained(entries.map((one) => (one.kind === kind ? { ...one, ...change(one) } : one)));
const told = (kind: string, data: object) => changed(kind, (entry) => ({ data: { ...entry.data, ...data } }));

test('what the journal allows is released', async () => {
  const { release, record } = await asked();
  expect(await refuseRelease(release, record)).toBeUndefined();
});

test('where no signature is demanded, the process is believed', async () => {
  const { release, record } = await asked({ approval: { approvers: ['approver'], requireSignature: false } });
  const journal = record.journal.filter(({ kind }) => kind !== 'decide');
  expect(await refuseRelease(release, { ...record, journal })).toBeUndefined();
});

/** What somebody says or writes who can call every activity, and signs with no key but a revoked or a foreign one. */
test.each<
  [what: string, attack: (honest: Asked) => Partial<Asked['record']> | Promise<Partial<Asked['record']>>, RegExp]
>([
  [
    'no decision',
    ({ record }) => ({ journal: record.journal.filter(({ kind }) => kind !== 'decide') }),
    /do not satisfy/,
  ],
  [
    'a decision without a signature',
    ({ record }) => ({ journal: told('decide', { signature: undefined })(record.journal) }),
    /signature is missing/,
  ],
  [
    'a decision that says it needs none',
    ({ record }) => ({ journal: told('decide', { signature: undefined, signed: false })(record.journal) }),
    /must be signed/,
  ],
  [
    'a rejection as a confirmation',
    async ({ record, release: { revision, seal } }) => {
      const about = { delivery: deliveryId, revision, seal, sealedAt: '2026-11-24T12:00:05.000Z', inDoubt: 'hold' };
      const signature = await signedDecision({ ...about, verdict: 'reject', signedAt: '2026-11-24T12:00:10.000Z' });
      return { journal: told('decide', { signature })(record.journal) };
    },
    /of another verdict/,
  ],
  [
    'a role that nobody gave',
    ({ record }) => ({ journal: told('decide', { as: ['role:approver'] })(record.journal) }),
    /was not "role:approver"/,
  ],
  [
    'looser rules',
    ({ record }) => ({
      journal: told('started', { rules: { owner: 'owner', settings: { requireSignature: false } } })(record.journal),
    }),
    /other approval rules/,
  ],
  [
    'another start',
    ({ record: { journal } }) => ({ journal: rechained([...journal, ...journal.slice(0, 1)]) }),
    /starts once/,
  ],
  [
    'fewer findings',
    ({ record }) => ({ journal: told('sealed', { findings: { error: 0, warning: 0, info: 0 } })(record.journal) }),
    /other findings/,
  ],
  [
    'fewer messages',
    ({ record }) => ({ journal: told('sealed', { counts: { sealed: 1 } })(record.journal) }),
    /another number of messages/,
  ],
  [
    'nothing sealed',
    ({ record }) => ({ journal: record.journal.filter(({ kind }) => kind !== 'sealed') }),
    /no such seal/,
  ],
  [
    'a later revision',
    ({ record: { journal } }) => {
      const at = journal.at(-1)?.at ?? '';
      const data = { operator: 'author', accepted: true, revision: 'e'.repeat(64) };
      return { journal: rechained([...journal, { n: 0, at, kind: 'revise', data }]) };
    },
    /no such seal/,
  ],
  [
    'an unknown key',
    ({ record }) => ({ operators: record.operators.filter(({ id }) => id === 'author') }),
    /never had/,
  ],
])('%s is refused', async (_, attack, says) => {
  const honest = await asked();
  const record = { ...honest.record, ...(await attack(honest)) };
  expect(await refuseRelease(honest.release, record)).toMatch(says);
});

test.each<[string, Partial<Release>]>([
  ['seal', { seal: 'e'.repeat(64) }],
  ['revision', { revision: 'e'.repeat(64) }],
])('another %s than the one that was decided on is refused', async (_, own) => {
  const { release, record } = await asked();
  expect(await refuseRelease({ ...release, ...own }, record)).toMatch(/no such seal/);
});
