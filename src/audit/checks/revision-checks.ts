import type { PartRow } from '../bundle-format.js';
import { hexSha256, revisionHash } from '../revision-hash.js';
import { faultsOf, type Check } from './check.js';

export const revisionChecks: readonly Check[] = [
  {
    name: 'revisions',
    title: 'settings, content and recipients are those that each revision is named by',
    judge: ({ pseudonymised, revisions }) => {
      if (pseudonymised) return { faults: [], skipped: 'a pseudonymised bundle leaves out what it takes' };
      const faults = faultsOf('revisions', revisions.flatMap(faultsOfRevision));
      const open = revisions.filter((revision) => !isRecomputable(revision));
      const note = `${revisions.length - open.length} recomputed`;
      if (open.length === 0) return { faults, note };
      const names = open.map(({ hash }) => hash.slice(0, 12)).join(', ');
      const skipped = `${note}; not ${names}: whom they leave out was stored without the hash that is part of their name`;
      return { faults, note, skipped };
    },
  },
];

const isRecomputable = ({ excludedAddresses, excludedHash }: PartRow<'revisions'>): boolean =>
  excludedAddresses === 0 || typeof excludedHash === 'string';

function faultsOfRevision(revision: PartRow<'revisions'>): string[] {
  const { hash, sources = {}, target = '', sourceHashes, files, excludedHash } = revision;
  const short = hash.slice(0, 12);
  const changed = Object.keys({ ...sources, ...sourceHashes })
    .filter((name) => sourceHashes[name] !== hexSha256(sources[name] ?? ''))
    .map((name) => `revision ${short}: the source "${name}" is not the one of its hash`);
  if (!isRecomputable(revision)) return changed;
  const form = { ...revision, sources, target, files: files.length > 0 ? files : undefined };
  // Sources that could leave out somebody, and leave out nobody, are named otherwise than none.
  const names = (typeof excludedHash === 'string' ? [excludedHash] : [undefined, hexSha256('')]).flatMap((excluded) => [
    revisionHash({ ...form, excluded }),
    revisionHash({ ...form, files, excluded }),
  ]);
  if (names.includes(hash)) return changed;
  return [...changed, `revision ${short}: settings, content or recipients are not those that it is named by`];
}
